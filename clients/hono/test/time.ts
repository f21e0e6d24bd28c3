/**
 * Time that is moved by hand. Not `mock.timers` of node:test: in Node 20 its queue loses timers when one that has fired is cleared.
 */
import type { TestContext } from 'node:test'

interface Pending {
  at: number
  every: number | null
  act: () => void
}

export class Time {
  /** A whole second, so that `exp` is exact. */
  #now = Math.ceil(Date.now() / 1000) * 1000
  readonly #pending = new Map<object, Pending>()

  /** From here to the end of the test `Date.now()` and the timers are these. The network and `setImmediate` stay real. */
  constructor(t: TestContext) {
    const real = { clearTimeout, clearInterval }
    const start = (act: (...args: unknown[]) => void, after = 0, every: number | null, args: unknown[] = []) => {
      const handle = { unref: () => handle, ref: () => handle }
      this.#pending.set(handle, { at: this.#now + Math.max(1, after), every, act: () => act(...args) })
      return handle as never
    }
    const stop = (name: keyof typeof real) => (handle: never) => void (this.#pending.delete(handle) || real[name](handle))
    t.mock.method(Date, 'now', () => this.#now)
    t.mock.method(globalThis, 'setTimeout', (act: () => void, after?: number, ...args: unknown[]) => start(act, after, null, args))
    t.mock.method(globalThis, 'setInterval', (act: () => void, after?: number) => start(act, after, after ?? 1))
    t.mock.method(globalThis, 'clearTimeout', stop('clearTimeout'))
    t.mock.method(globalThis, 'clearInterval', stop('clearInterval'))
  }

  /** Moves on, and lets everything that is due happen, in order. */
  tick(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (let next = this.#due(end); next; next = this.#due(end)) {
      const [handle, { at, every, act }] = next
      this.#now = Math.max(this.#now, at)
      if (every === null) this.#pending.delete(handle)
      else this.#pending.set(handle, { at: at + every, every, act })
      act()
    }
    this.#now = end
  }

  /** The same in steps, between which the network and promises go on. */
  async pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 10_000) {
      this.tick(Math.min(left, 10_000))
      await turns(10)
    }
  }

  #due(end: number): [object, Pending] | undefined {
    const due = [...this.#pending].filter(([, { at }]) => at <= end)
    return due.sort(([, a], [, b]) => a.at - b.at)[0]
  }
}

/** Lets promises and the network go on for a while. */
export async function turns(n = 50): Promise<void> {
  for (let turn = 0; turn < n; turn += 1) await new Promise((later) => setImmediate(later))
}
