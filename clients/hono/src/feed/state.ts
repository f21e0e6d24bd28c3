/**
 * What a client knows of the feed, and how it judges by it (docs/revocation-feed.md, "What a client does" and "Judging a
 * token"). No timers, no network, no clock: whoever calls says what time it is, so every rule can be tested at any moment.
 */
import { tolerance, type FeedDocument, type Kind, type NamedKind } from './document.ts'

/** What became of a document: merged; old and ignored; or the whole document is needed. */
export type Outcome = 'taken' | 'ignored' | 'reload'

export type FeedVerdict = 'ok' | 'token_revoked' | 'token_stale' | 'unavailable'

/** What the feed compares of a token. */
export interface Bearing {
  /** The header's. */
  readonly kid: string
  /** The change number its rights were read at. */
  readonly epoch: number
  /** Its identifiers, as the feed names them. */
  readonly names: readonly { readonly kind: NamedKind; readonly id: string }[]
}

interface Ended {
  number: number
  until: number
}

export class FeedState {
  #newest: Omit<FeedDocument, 'entries' | 'since'> | null = null
  #kids: ReadonlySet<string> = new Set()
  readonly #ended = new Map<string, Ended>()
  readonly #maxStale: number
  #version = 0

  /** `maxStale`: seconds to go on after the last good document while the feed is down. */
  constructor(maxStale: number) {
    this.#maxStale = maxStale
  }

  /** The number of the newest change known; `null` before the first document. */
  get seq(): number | null {
    return this.#newest?.seq ?? null
  }

  /** When the newest document runs out; 0 before the first. */
  get expiresAt(): number {
    return this.#newest?.expiresAt ?? 0
  }

  /** Grows whenever a token that was good may have stopped being so. */
  get version(): number {
    return this.#version
  }

  /** How many identifiers are kept. */
  get size(): number {
    return this.#ended.size
  }

  /** Whether the portal takes tokens signed with this key. */
  accepts(kid: string): boolean {
    return this.#kids.has(kid)
  }

  /** Merges a document that {@link readDocument} found good (rules 3 to 5). */
  take(document: FeedDocument, now: number): Outcome {
    const newest = this.#newest
    const continues = newest?.stream === document.stream
    if (continues && document.seq < newest.seq) return 'ignored'
    // A document of a stream we do not follow says enough only when it is whole.
    if (document.since > (continues ? newest.seq : 0)) return 'reload'
    this.#forget(now)
    for (const { kind, id, number, until } of document.entries) this.#keep(kind, id, number, until)
    // Of two documents that know the same changes the later signed one tells how fresh we are.
    if (!continues || document.seq > newest.seq || document.issuedAt >= newest.issuedAt) {
      const kids = new Set(document.kids)
      if ([...this.#kids].some((kid) => !kids.has(kid))) this.#version += 1
      this.#newest = document
      this.#kids = kids
    }
    return 'taken'
  }

  #keep(kind: Kind, id: string, number: number, until: number): void {
    const known = this.#ended.get(`${kind}:${id}`)
    if (number > (known?.number ?? -1)) this.#version += 1
    this.#ended.set(`${kind}:${id}`, {
      number: Math.max(number, known?.number ?? 0),
      until: Math.max(until, known?.until ?? 0),
    })
  }

  /** Drops entries no living token can meet: only their own `until` ends them. */
  #forget(now: number): void {
    for (const [name, { until }] of this.#ended) if (until < now) this.#ended.delete(name)
  }

  /** Whether too little is known to judge at all (rule 7). */
  isUnavailable(now: number): boolean {
    const newest = this.#newest
    if (!newest) return true
    const down = newest.expiresAt + tolerance < now
    return down && now > newest.issuedAt + this.#maxStale
  }

  /** Judges a token everything else about which already holds. */
  judge({ kid, epoch, names }: Bearing, now: number): FeedVerdict {
    if (this.isUnavailable(now)) return 'unavailable'
    if (!this.#kids.has(kid)) return 'token_revoked'
    const hit = names.filter(({ kind, id }) => this.#endedAfter(epoch, kind, id, now))
    if (hit.some(({ kind }) => kind === 'session' || kind === 'key')) return 'token_revoked'
    return hit.length > 0 || this.#endedAfter(epoch, 'all', '', now) ? 'token_stale' : 'ok'
  }

  #endedAfter(epoch: number, kind: Kind, id: string, now: number): boolean {
    const entry = this.#ended.get(`${kind}:${id}`)
    return entry !== undefined && entry.until >= now && entry.number > epoch
  }
}
