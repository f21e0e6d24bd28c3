/**
 * What the tabs of one app tell each other: one of them asks the portal, all of them use the token.
 *
 * A BroadcastChannel reaches every page and worker of the same origin, and nobody else. Whatever runs there could ask the
 * portal for a token itself, so passing one on gives nothing away; but code of the same origin can also send anything. So every
 * message is examined, and none can do more than these three things: offer a token to a tab that wants one or holds an older one of the
 * same session, ask for one, or make a tab forget its own, after which the portal decides.
 */
import { isRecord } from './errors.ts'
import type { Channel, Surroundings } from './surroundings.ts'
import { HeldToken } from './token.ts'

export interface Listener {
  /** Somebody has a token. */
  offered(token: HeldToken): void
  /** Somebody wants one. */
  asked(): void
  /** Somebody has signed out. */
  signedOut(): void
}

/** How long a tab waits for the others to answer, in milliseconds. They need two: one is sent, one comes back. */
const answersWithin = 50
/** How long a tab waits for its turn. A tab that hangs must not stop the others for ever. */
const turnWithin = 10_000

type Message =
  | { type: 'token'; accessToken: string; lifetime: number; age: number; sentAt: number }
  | { type: 'ask' }
  | { type: 'signed-out' }

export class Tabs {
  readonly #name: string
  #opened: Channel | null | undefined
  readonly #arrived = new Set<() => void>()

  constructor(
    portalUrl: string,
    private readonly surroundings: Surroundings,
    private readonly listener: Listener,
  ) {
    this.#name = `gatehouse:${portalUrl}`
  }

  offer(token: HeldToken): void {
    const { value: accessToken, lifetime } = token
    this.#say({ type: 'token', accessToken, lifetime, age: token.age(), sentAt: this.surroundings.wall() })
  }

  saySignedOut(): void {
    this.#say({ type: 'signed-out' })
  }

  /** Asks the other tabs, until `satisfied` or until none has answered in time. */
  async ask(satisfied: () => boolean): Promise<boolean> {
    if (!this.#channel()) return false
    return new Promise((done) => {
      const finish = () => {
        clearTimeout(timer)
        this.#arrived.delete(look)
        done(satisfied())
      }
      const look = () => satisfied() && finish()
      // In two steps: a tab that was busy all the while first hears what has come meanwhile.
      let timer = setTimeout(() => (timer = setTimeout(finish, 0)), answersWithin)
      this.#arrived.add(look)
      this.#say({ type: 'ask' })
    })
  }

  /** Does `work` while no other tab does, where the browser has locks. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const { locks } = this.surroundings
    if (!locks) return work()
    const patience = new AbortController()
    const timer = setTimeout(() => patience.abort(), turnWithin)
    let begun = false
    try {
      return await locks.request(this.#name, { signal: patience.signal }, () => {
        begun = true
        clearTimeout(timer)
        return work()
      })
    } catch (error) {
      // Not our turn in time, or a page that may not use locks (a sandboxed frame): two requests are better than none.
      if (begun) throw error
      return work()
    } finally {
      clearTimeout(timer)
    }
  }

  close(): void {
    this.#opened?.close()
    this.#opened = null
  }

  /** Opened at the first use: a page that is only rendered on a server opens none. */
  #channel(): Channel | null {
    if (this.#opened === undefined) {
      this.#opened = openChannel(this.#name, this.surroundings)
      this.#opened?.addEventListener('message', ({ data }) => this.#hear(data))
    }
    return this.#opened
  }

  #say(message: Message): void {
    try {
      this.#channel()?.postMessage(message)
    } catch {
      // A closed channel: the others ask the portal.
    }
  }

  #hear(data: unknown): void {
    if (!isRecord(data)) return
    if (data.type === 'ask') this.listener.asked()
    else if (data.type === 'signed-out') this.listener.signedOut()
    else if (data.type === 'token') this.#hearToken(data)
  }

  #hearToken({ accessToken, lifetime, age, sentAt }: Record<string, unknown>): void {
    if (typeof age !== 'number' || typeof sentAt !== 'number') return
    // A tab that was asleep hears late. Both clocks are this machine's.
    const onTheWay = Math.max(0, this.surroundings.wall() - sentAt)
    const token = HeldToken.from(accessToken, lifetime, this.surroundings, age + onTheWay)
    if (!token) return
    this.listener.offered(token)
    for (const look of [...this.#arrived]) look()
  }
}

function openChannel(name: string, { channel }: Surroundings): Channel | null {
  try {
    return channel?.(name) ?? null
  } catch {
    return null
  }
}
