/** A document of the revocation feed whose signature holds: its members, checked (docs/revocation-feed.md, "The document"). */
import { base64url, bytesOf } from '../base64url.ts'
import { isSignedBy, readCompact } from '../compact.ts'
import type { KeySet } from '../keys.ts'
import { isCount, isObject, isText, isTexts } from '../json.ts'

/** What ended or changed, one identifier each. */
export interface Entry {
  readonly kind: Kind
  /** 16 bytes as base64url; empty with `all`. */
  readonly id: string
  readonly number: number
  readonly until: number
}

export const namedKinds = ['session', 'key', 'subject', 'role', 'tenant'] as const
export type NamedKind = (typeof namedKinds)[number]
export type Kind = NamedKind | 'all'

export interface FeedDocument {
  readonly stream: string
  readonly since: number
  readonly seq: number
  readonly issuedAt: number
  readonly expiresAt: number
  readonly kids: readonly string[]
  readonly entries: readonly Entry[]
}

export const feedType = 'gatehouse-revocations'

/** Seconds that clocks may be apart: rule 2 and rule 7. */
export const tolerance = 60

/** Bytes of one identifier. */
const idLength = 16

/** Characters of the longest document: 200 KB are promised, base64url needs a third more. */
export const longestDocument = 300 * 1024

/** The document in a signed text, or `null` for whatever is not to be believed (rule 2). */
export async function readSigned(text: string, keys: KeySet, issuer: string, now: number): Promise<FeedDocument | null> {
  const compact = readCompact(text, longestDocument)
  if (compact?.typ !== feedType) return null
  const key = await keys.find(compact.kid)
  if (typeof key === 'string' || !(await isSignedBy(compact, key))) return null
  return readDocument(compact.payload, issuer, now)
}

/** `null` unless it is about this issuer's tokens, of this time, and every member is what it must be. */
export function readDocument(payload: Record<string, unknown>, issuer: string, now: number): FeedDocument | null {
  const { iss, stream, since, seq, issuedAt, expiresAt, kids, entries } = payload
  if (iss !== issuer || !isText(stream) || !isTexts(kids) || !Array.isArray(entries)) return null
  if (!isCount(since) || !isCount(seq) || !isCount(issuedAt) || !isCount(expiresAt)) return null
  if (issuedAt > now + tolerance || expiresAt < now - tolerance) return null
  const read = entries.map(readEntry)
  if (!read.every((list) => list !== null)) return null
  return { stream, since, seq, issuedAt, expiresAt, kids, entries: read.flat() }
}

function readEntry(entry: unknown): Entry[] | null {
  if (!isObject(entry)) return null
  const { kind, number, until, ids } = entry
  if (!isText(kind) || !isCount(number) || !isCount(until)) return null
  // A kind from the future: nobody knows whom it means, so it means everybody.
  if (!isNamed(kind)) return [{ kind: 'all', id: '', number, until }]
  const bytes = typeof ids === 'string' ? bytesOf(ids) : null
  if (!bytes || bytes.length % idLength !== 0) return null
  return Array.from({ length: bytes.length / idLength }, (_, i) => {
    return { kind, id: base64url(bytes.subarray(i * idLength, (i + 1) * idLength)), number, until }
  })
}

function isNamed(kind: string): kind is NamedKind {
  return (namedKinds as readonly string[]).includes(kind)
}

/** How the feed names an identifier: the first 16 bytes of SHA-256 over `<kind>:<id>`. */
export async function nameOf(kind: NamedKind, id: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${kind}:${id}`))
  return base64url(new Uint8Array(digest, 0, idLength))
}
