/**
 * Keeps a {@link FeedState} fresh: by polling, by a stream with polling beside it, or when somebody asks (rules 6 and 7). It
 * starts with the first question, keeps no process alive by its timers, and lets nobody wait for a portal that is down.
 */
import { download } from '../download.ts'
import { Flights } from '../flights.ts'
import type { KeySet } from '../keys.ts'
import { atMost, sleep, unref } from '../time.ts'
import type { FeedMode } from '../types.ts'
import type { Background, World } from '../world.ts'
import { longestDocument, readSigned } from './document.ts'
import { eventsOf } from './events.ts'
import { FeedState, type Outcome } from './state.ts'

export interface Following {
  issuer: string
  mode: Exclude<FeedMode, 'off'>
  /** Seconds. */
  pollSeconds: number
  /** Seconds, or `Infinity`. */
  maxStale: number
}

/** Seconds of silence after which a stream is dead. */
const longestSilence = 15
/** Seconds between attempts to connect again: 1, 2, 4 … */
const longestPause = 30
/** Seconds before another attempt while nothing is known, and how long a request waits for news when nobody was asking. */
const pauseBetweenFirsts = 1
const longestWait = 2
/** Seconds a document must still be good for to be asked for by its ETag alone: 304 renews nothing. */
const stillGood = 15

/** The one thing that is asked for. */
const theFeed = 'feed'

export class Follower {
  readonly state: FeedState
  readonly #following: Following
  readonly #keys: KeySet
  readonly #world: World
  readonly #background: Background
  readonly #flights: Flights<void>
  readonly #listeners = new Set<() => void>()
  readonly #closing = new AbortController()
  #askedAt = -Infinity
  #heardAt = -Infinity
  /** Whether a stream is open that has said something. */
  #holding = false
  #tag: { url: string; value: string } | null = null
  #failing = false
  #timer: ReturnType<typeof setInterval> | null = null

  constructor(following: Following, keys: KeySet, world: World, background: Background = () => {}) {
    this.#following = following
    this.#keys = keys
    this.#world = world
    this.#background = background
    this.#flights = new Flights(world.now)
    this.state = new FeedState(following.maxStale)
  }

  /** To be awaited before judging: waits for the first document, and for news if nobody has asked for a while. Never fails. */
  async ready(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#start()
    const { pollSeconds } = this.#following
    const since = this.#world.now() - Math.max(this.#askedAt, this.#heardAt)
    // A clock that was set back says nothing of how long ago it was.
    const silence = since < 0 ? Infinity : since
    if (this.state.seq === null) {
      if (this.#flights.isUnderWay(theFeed) || silence >= pauseBetweenFirsts) await this.#ask()
    }
    // A frozen isolate or laptop wakes up with old news. While attempts are being made, failing or not, nobody waits.
    else if (silence >= 2 * pollSeconds) await atMost(longestWait, this.#ask())
    else if (silence >= pollSeconds) await this.#background(this.#ask())
  }

  /** Calls `listener` after every document and every poll, failed ones too: time alone may end a token. */
  onNews(listener: () => void): () => void {
    this.#start()
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#closing.abort()
    if (this.#timer) clearInterval(this.#timer)
    this.#listeners.clear()
  }

  #start(): void {
    const { mode, pollSeconds } = this.#following
    if (this.#timer || mode === 'on-demand' || this.#closing.signal.aborted) return
    // Not quite the same for everybody: a hundred services that start together should not ask together for ever.
    this.#timer = setInterval(() => void this.#tick(), pollSeconds * 1000 * (0.9 + Math.random() / 10))
    unref(this.#timer)
    if (mode === 'stream') void this.#stream()
  }

  async #tick(): Promise<void> {
    if (this.#holding) this.#tell()
    else await this.#ask()
  }

  /** One poll at a time; whoever comes meanwhile waits for the same. Never fails. */
  #ask(): Promise<void> {
    return this.#flights.join(theFeed, async () => {
      this.#askedAt = this.#world.now()
      try {
        await this.#poll()
        this.#says(null)
      } catch (error) {
        this.#says(error)
      }
    })
  }

  async #poll(): Promise<void> {
    const outcome = await this.#load(this.state.seq)
    if (outcome === 'reload' && (await this.#load(null)) === 'reload') throw new Error('the whole document is not whole')
  }

  async #load(since: number | null): Promise<Outcome> {
    const url = `${this.#following.issuer}/.well-known/revocations${since === null ? '' : `?since=${since}`}`
    const known = this.#tag?.url === url && this.state.expiresAt - this.#world.now() > stillGood ? this.#tag.value : null
    const headers = { Accept: 'application/jose', ...(known && { 'If-None-Match': known }) }
    const answer = await download(this.#world, url, { headers, most: longestDocument })
    if (answer.status === 304 && known) return 'taken'
    if (answer.status === 410 && since !== null) return 'reload'
    if (answer.status !== 200) throw new Error(`status ${answer.status}`)
    const outcome = await this.#take(answer.body.trim())
    const tag = answer.headers.get('ETag')
    this.#tag = tag && outcome === 'taken' ? { url, value: tag } : null
    return outcome
  }

  async #take(text: string): Promise<Outcome> {
    const document = await readSigned(text, this.#keys, this.#following.issuer, this.#world.now())
    if (!document) throw new Error('not a document to believe')
    return this.state.take(document, this.#world.now())
  }

  async #stream(): Promise<void> {
    for (let pause = 1; !this.#closing.signal.aborted; pause = Math.min(2 * pause, longestPause)) {
      const before = this.#heardAt
      await this.#hold().catch((error: unknown) => this.#says(error))
      if (this.#heardAt !== before) pause = 1
      await sleep(pause, this.#closing.signal)
    }
  }

  /** Holds one stream until it ends, errs or falls silent. */
  async #hold(): Promise<void> {
    const silent = new AbortController()
    const abort = () => silent.abort(new Error('the stream ended'))
    let timer = setTimeout(abort, longestSilence * 1000)
    this.#closing.signal.addEventListener('abort', abort)
    try {
      const since = this.state.seq === null ? '' : `?since=${this.state.seq}`
      const url = `${this.#following.issuer}/.well-known/revocations/stream${since}`
      const headers = { Accept: 'text/event-stream' }
      const answer = await this.#world.fetch(url, { headers, redirect: 'manual', signal: silent.signal })
      if (answer.status !== 200 || !answer.body) throw new Error(`status ${answer.status} for the stream`)
      for await (const { name, data } of eventsOf(answer.body, longestDocument + 1024)) {
        if (name !== 'revocations') continue
        const outcome = await this.#take(data)
        if (outcome === 'ignored') continue
        if (outcome === 'reload' && (await this.#load(null)) !== 'taken') throw new Error('the whole document is not whole')
        this.#heardAt = this.#world.now()
        this.#holding = true
        clearTimeout(timer)
        timer = setTimeout(abort, longestSilence * 1000)
        this.#says(null)
      }
    } finally {
      this.#holding = false
      clearTimeout(timer)
      this.#closing.signal.removeEventListener('abort', abort)
      silent.abort()
    }
  }

  /** Logs the first of many failures and the end of them, and tells whoever listens that time has passed. */
  #says(error: unknown): void {
    if (this.#closing.signal.aborted) return
    if (error !== null && !this.#failing) this.#world.log(`cannot follow the revocations of ${this.#following.issuer}: ${String(error)}`)
    if (error === null && this.#failing) this.#world.log(`following the revocations of ${this.#following.issuer} again`)
    this.#failing = error !== null
    this.#tell()
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener()
      } catch (error) {
        // A mistake of whoever listens is no reason to doubt the feed.
        this.#world.log(`a listener failed: ${error instanceof Error ? error.message : typeof error}`)
      }
    }
  }
}
