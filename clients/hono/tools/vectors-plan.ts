/** What the test vectors of the revocation feed say, before anything is signed. `vectors.ts` signs and writes them. */
import { createHash } from 'node:crypto'

export const issuer = 'https://auth.example.com'
/** When the story of every sequence begins: 2026-01-01T00:00:00Z. */
export const start = 1767225600

export const streams = { first: '01994f3a-6c1e-7b0e-9d0c-6f3b1f0a2b11', restored: '0199ab10-0000-7000-8000-5a1f0c3d2e4b' }
export const signingKeys = { current: 'token-key-1', next: 'token-key-2', unlisted: 'token-key-9' }

/** Whoever the tokens and entries are about. */
export const ids = {
  ada: '01994f3a-0000-7000-8000-0000000000ad',
  bob: '01994f3a-0000-7000-8000-0000000000b0',
  adaSession: '01994f3a-0000-7000-8000-00000000005a',
  bobSession: '01994f3a-0000-7000-8000-00000000005b',
  otherSession: '01994f3a-0000-7000-8000-00000000005c',
  adaKey: '01994f3a-0000-7000-8000-00000000006a',
  acme: '01994f3a-0000-7000-8000-0000000000ac',
}

export type SignedBy = 'es256' | 'eddsa' | 'rs256' | 'stranger' | 'nobody' | 'hmac-of-the-jwk' | 'hmac-of-the-point'

export interface PlannedDocument {
  what: string
  payload: Record<string, unknown>
  /** Members over or instead of the right header's; `undefined` leaves one out. */
  header?: Record<string, unknown>
  /** Default `es256`. */
  by?: SignedBy
  /** Another payload is put under the signature. */
  tampered?: Record<string, unknown>
}

export type Step = { at: number; why: string } & (
  | { document: string; expect: 'taken' | 'ignored' | 'reload' | 'refused' }
  | { token: { kid: string; claims: Record<string, unknown> }; expect: 'ok' | 'token_revoked' | 'token_stale' | 'unavailable' | 'invalid' }
)

export interface Sequence {
  name: string
  /** Seconds; `null` is for ever. */
  maxStale: number | null
  steps: Step[]
}

export function nameOf(kind: string, id: string): string {
  return createHash('sha256').update(`${kind}:${id}`).digest().subarray(0, 16).toString('base64url')
}

function packed(kind: string, ...all: string[]): string {
  return Buffer.concat(all.map((id) => Buffer.from(nameOf(kind, id), 'base64url'))).toString('base64url')
}

const lives = start + 960

function entry(kind: string, number: number, all: string[] = [], until = lives) {
  return { kind, number, until, ids: packed(kind, ...all) }
}

/** The payload of a document signed `after` seconds into the story. */
function payload(after: number, seq: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    iss: issuer,
    stream: streams.first,
    since: 0,
    seq,
    issuedAt: start + after,
    expiresAt: start + after + 30,
    kids: [signingKeys.current, signingKeys.next],
    entries: [],
    ...more,
  }
}

const everyKind = [
  entry('session', 11, [ids.adaSession]),
  entry('key', 12, [ids.adaKey]),
  entry('subject', 13, [ids.bob]),
  entry('role', 14, ['editor']),
  entry('tenant', 15, [ids.acme]),
]
const ends = (number: number) => ({ entries: [entry('session', number, [ids.adaSession])] })

export const documents: Record<string, PlannedDocument> = {
  empty: { what: 'the whole document, nothing ended', payload: payload(0, 10) },
  'empty-eddsa': { what: 'the same under the EdDSA key', payload: payload(0, 10), by: 'eddsa' },
  'empty-rs256': { what: 'the same under the RS256 key', payload: payload(0, 10), by: 'rs256' },
  'every-kind': { what: 'the whole document, one entry of each kind', payload: payload(0, 15, { entries: everyKind }) },
  packed: {
    what: 'two sessions in one entry; number and until are the highest of both',
    payload: payload(0, 20, { entries: [entry('session', 20, [ids.adaSession, ids.bobSession])] }),
  },
  everybody: { what: 'an entry `all`', payload: payload(0, 20, { entries: [entry('all', 20)] }) },
  'unknown-kind': {
    what: 'an entry of a kind nobody knows yet, which is taken for `all`',
    payload: payload(0, 20, { entries: [entry('planet', 20, ['earth'])] }),
  },
  'unknown-members': {
    what: 'members nobody knows yet are passed over',
    payload: payload(0, 10, { colour: 'blue', entries: [{ ...entry('session', 10, [ids.adaSession]), colour: 'blue' }] }),
  },
  'session-ended': { what: 'news since 10: a session ended', payload: payload(5, 12, { since: 10, ...ends(12) }) },
  heartbeat: { what: 'since 12, no news', payload: payload(10, 12, { since: 12 }) },
  'session-ended-before': { what: 'the same session with a lower number', payload: payload(15, 13, { since: 12, ...ends(11) }) },
  'session-ended-again': { what: 'the same session with a higher number', payload: payload(20, 14, { since: 13, ...ends(14) }) },
  'short-until': {
    what: 'a session that ended, all of whose tokens are dead in 100 s',
    payload: payload(0, 11, { entries: [entry('session', 11, [ids.adaSession], start + 100)] }),
  },
  'longer-until': {
    what: 'the same entry, lasting longer',
    payload: payload(60, 12, { since: 11, entries: [entry('session', 11, [ids.adaSession], start + 200)] }),
  },
  'shorter-until': {
    what: 'the same entry, with an earlier until',
    payload: payload(65, 13, { since: 12, entries: [entry('session', 11, [ids.adaSession], start + 50)] }),
  },
  'whole-without-it': { what: 'the whole document at 120 s: nothing ended', payload: payload(120, 13) },
  gap: { what: 'news since 15, of a client that knows 12', payload: payload(15, 16, { since: 15, ...ends(16) }) },
  'whole-after-gap': { what: 'the whole document at 16', payload: payload(16, 16, ends(16)) },
  older: { what: 'the whole document as it was at 9', payload: payload(80, 9, ends(9)) },
  'first-with-since': { what: 'a first document that is not whole', payload: payload(0, 10, { since: 5 }) },
  'other-stream-since': {
    what: 'another stream, but not the whole of it',
    payload: payload(20, 50, { stream: streams.restored, since: 7 }),
  },
  'other-stream': {
    what: 'the whole document of another stream, with a lower seq',
    payload: payload(25, 7, { stream: streams.restored, entries: [entry('subject', 7, [ids.bob])] }),
  },
  'other-stream-news': {
    what: 'what came next in the other stream',
    payload: payload(30, 8, { stream: streams.restored, since: 7, entries: [entry('session', 8, [ids.bobSession])] }),
  },
  'current-withdrawn': { what: 'one signing key is taken no more', payload: payload(5, 11, { since: 10, kids: [signingKeys.next] }) },
  later: { what: 'the whole document at 1000 s', payload: payload(1000, 30) },
  ahead: { what: 'signed 59 s ahead of the client', payload: payload(59, 10) },

  'too-far-ahead': { what: 'issuedAt 61 s ahead at the start', payload: payload(61, 31, ends(31)) },
  expired: { what: 'expiresAt 61 s ago at the start', payload: payload(-91, 31, ends(31)) },
  'typ-jwt': { what: 'typ JWT', payload: payload(0, 31, ends(31)), header: { typ: 'JWT' } },
  'typ-missing': { what: 'no typ', payload: payload(0, 31, ends(31)), header: { typ: undefined } },
  'typ-case': { what: 'typ in capitals', payload: payload(0, 31, ends(31)), header: { typ: 'GATEHOUSE-REVOCATIONS' } },
  'foreign-iss': { what: 'about the tokens of another portal', payload: payload(0, 31, { iss: 'https://evil.example.com', ...ends(31) }) },
  'iss-slash': { what: 'iss with a slash at the end', payload: payload(0, 31, { iss: `${issuer}/`, ...ends(31) }) },
  stranger: { what: 'signed with another key under our kid', payload: payload(0, 31, ends(31)), by: 'stranger' },
  'unknown-kid': {
    what: 'signed with another key, whose kid is not in the set',
    payload: payload(0, 31, ends(31)),
    by: 'stranger',
    header: { kid: 'nobody' },
  },
  'kid-missing': { what: 'no kid', payload: payload(0, 31, ends(31)), header: { kid: undefined } },
  'alg-none': { what: 'alg none, no signature', payload: payload(0, 31, ends(31)), by: 'nobody', header: { alg: 'none' } },
  'hs256-jwk': {
    what: 'HS256, the secret is the public key as JSON',
    payload: payload(0, 31, ends(31)),
    by: 'hmac-of-the-jwk',
    header: { alg: 'HS256' },
  },
  'hs256-point': {
    what: 'HS256, the secret is the public point (0x04, x, y)',
    payload: payload(0, 31, ends(31)),
    by: 'hmac-of-the-point',
    header: { alg: 'HS256' },
  },
  'alg-of-another-key': { what: 'a good signature, but the header names the algorithm of another key', payload: payload(0, 31, ends(31)), by: 'eddsa', header: { alg: 'ES256' } },
  crit: { what: 'demands an extension (crit)', payload: payload(0, 31, ends(31)), header: { crit: ['exp'], exp: lives } },
  tampered: { what: 'the payload was changed after signing', payload: payload(0, 31), tampered: payload(0, 31, ends(31)) },
  'ids-cut': {
    what: 'ids that are not a multiple of 16 bytes',
    payload: payload(0, 31, { entries: [{ ...entry('session', 31), ids: nameOf('session', ids.adaSession).slice(0, 20) }] }),
  },
  'ids-padded': {
    what: 'ids in padded base64',
    payload: payload(0, 31, { entries: [{ ...entry('session', 31), ids: `${nameOf('session', ids.adaSession)}==` }] }),
  },
  'number-text': { what: 'a number that is a text', payload: payload(0, 31, { entries: [{ ...entry('all', 31), number: '31' }] }) },
  'seq-negative': { what: 'a negative seq', payload: payload(0, -1) },
  'seq-fraction': { what: 'a seq that is no whole number', payload: payload(0, 31.5) },
  'kids-missing': { what: 'no kids', payload: payload(0, 31, { kids: undefined, ...ends(31) }) },
  'entries-missing': { what: 'no entries', payload: payload(0, 31, { entries: undefined }) },
}

const refusedOnes = Object.keys(documents).slice(Object.keys(documents).indexOf('too-far-ahead'))

const claims = { sub: ids.ada, sid: ids.adaSession, role: 'user', tenantId: null, epoch: 10 }
type TokenStep = Extract<Step, { token: unknown }>

const token = (after: number, expect: TokenStep['expect'], why: string, more: Record<string, unknown> = {}, kid = signingKeys.current): Step => {
  return { at: start + after, token: { kid, claims: { ...claims, ...more } }, expect, why }
}
const gets = (after: number, document: string, expect: 'taken' | 'ignored' | 'reload' | 'refused', why = documents[document]!.what): Step => {
  return { at: start + after, document, expect, why }
}
const other = { sub: ids.ada, sid: ids.otherSession }

export const sequences: Sequence[] = [
  {
    name: 'Before the first document nothing is known',
    maxStale: 900,
    steps: [
      token(0, 'unavailable', 'no document yet'),
      gets(1, 'first-with-since', 'reload', 'the first document has to be whole'),
      token(1, 'unavailable', 'nothing was taken'),
      gets(2, 'empty', 'taken'),
      token(2, 'ok', 'nothing ended'),
    ],
  },
  {
    name: 'Any algorithm of a published key is good',
    maxStale: 900,
    steps: [gets(0, 'empty-eddsa', 'taken'), gets(1, 'empty-rs256', 'taken'), gets(2, 'empty', 'taken'), token(2, 'ok', 'nothing ended')],
  },
  {
    name: 'An entry speaks of whom it names, and of older tokens alone',
    maxStale: 900,
    steps: [
      gets(0, 'every-kind', 'taken'),
      token(0, 'token_revoked', 'its session ended at 11'),
      token(0, 'token_revoked', 'read one change too early', { epoch: 10 }),
      token(0, 'ok', 'read at 11: it knows', { epoch: 11 }),
      token(0, 'ok', 'another session of the same account', other),
      token(0, 'token_revoked', 'made from the key that ended at 12', { ...other, keyId: ids.adaKey }),
      token(0, 'ok', 'a session may be called like a key', { sid: ids.adaKey }),
      token(0, 'token_stale', 'rights of the account changed at 13', { ...other, sub: ids.bob }),
      token(0, 'ok', 'read after the change', { ...other, sub: ids.bob, epoch: 13 }),
      token(0, 'token_stale', 'the role changed at 14', { ...other, role: 'editor' }),
      token(0, 'ok', 'a role is compared to the letter', { ...other, role: 'Editor' }),
      token(0, 'token_stale', 'the tenant changed at 15', { ...other, tenantId: ids.acme }),
      token(0, 'token_revoked', 'ended weighs more than changed', { role: 'editor' }),
    ],
  },
  {
    name: 'Identifiers stand one after the other',
    maxStale: 900,
    steps: [
      gets(0, 'packed', 'taken'),
      token(0, 'token_revoked', 'the first of the two'),
      token(0, 'token_revoked', 'the second of the two', { sub: ids.bob, sid: ids.bobSession }),
      token(0, 'ok', 'neither of the two', other),
    ],
  },
  {
    name: 'All means everybody',
    maxStale: 900,
    steps: [
      gets(0, 'everybody', 'taken'),
      token(0, 'token_stale', 'older than 20', { epoch: 19 }),
      token(0, 'ok', 'as new as the entry', { epoch: 20 }),
    ],
  },
  {
    name: 'A kind from the future means everybody',
    maxStale: 900,
    steps: [
      gets(0, 'unknown-kind', 'taken'),
      token(0, 'token_stale', 'older than 20', { epoch: 19 }),
      token(0, 'ok', 'as new as the entry', { epoch: 20 }),
      token(0, 'token_revoked', 'a key that is not listed weighs more', { epoch: 19 }, signingKeys.unlisted),
    ],
  },
  {
    name: 'Unknown members are passed over',
    maxStale: 900,
    steps: [gets(0, 'unknown-members', 'taken'), token(0, 'token_revoked', 'its session ended at 10', { epoch: 9 })],
  },
  {
    name: 'Documents are merged',
    maxStale: 900,
    steps: [
      gets(0, 'empty', 'taken'),
      token(0, 'ok', 'nothing ended'),
      gets(5, 'session-ended', 'taken'),
      token(5, 'token_revoked', 'its session ended at 12'),
      gets(10, 'heartbeat', 'taken'),
      token(10, 'token_revoked', 'not being mentioned forgives nothing'),
      gets(15, 'session-ended-before', 'taken'),
      token(15, 'token_revoked', 'the higher number stays', { epoch: 11 }),
      token(15, 'ok', 'and no higher one', { epoch: 12 }),
      gets(20, 'session-ended-again', 'taken'),
      token(20, 'token_revoked', 'a higher number counts', { epoch: 13 }),
    ],
  },
  {
    name: 'An entry goes when its time has passed, and not before',
    maxStale: 900,
    steps: [
      gets(0, 'short-until', 'taken'),
      token(59, 'token_revoked', 'until has not passed'),
      gets(60, 'longer-until', 'taken'),
      gets(65, 'shorter-until', 'taken'),
      token(101, 'token_revoked', 'the later until counts'),
      gets(120, 'whole-without-it', 'taken', 'a whole document that does not mention the entry'),
      token(120, 'token_revoked', 'the later until stays, whatever documents mention'),
      token(201, 'ok', 'until has passed'),
    ],
  },
  {
    name: 'Who has missed something loads everything',
    maxStale: 900,
    steps: [
      gets(0, 'empty', 'taken'),
      gets(5, 'session-ended', 'taken'),
      gets(15, 'gap', 'reload'),
      token(15, 'ok', 'nothing of it was taken', { epoch: 12 }),
      gets(16, 'whole-after-gap', 'taken'),
      token(16, 'token_revoked', 'now it was', { epoch: 12 }),
    ],
  },
  {
    name: 'An old document is no news',
    maxStale: 0,
    steps: [
      gets(0, 'empty', 'taken'),
      gets(80, 'older', 'ignored'),
      token(89, 'ok', 'nothing of it was taken', { epoch: 8 }),
      token(91, 'unavailable', 'and it did not keep the feed alive'),
    ],
  },
  {
    name: 'A restored portal counts anew',
    maxStale: 900,
    steps: [
      gets(0, 'empty', 'taken'),
      gets(5, 'session-ended', 'taken'),
      gets(20, 'other-stream-since', 'reload'),
      gets(25, 'other-stream', 'taken'),
      token(25, 'token_revoked', 'an ended session stays ended', { epoch: 7 }),
      token(25, 'token_stale', 'what the new stream says counts', { sub: ids.bob, sid: ids.bobSession, epoch: 6 }),
      gets(30, 'other-stream-news', 'taken', 'its seq was lower, and replaced ours'),
      token(30, 'token_revoked', 'merged as ever', { sub: ids.bob, sid: ids.bobSession, epoch: 7 }),
    ],
  },
  {
    name: 'A signing key that is not listed signs nothing',
    maxStale: 900,
    steps: [
      gets(0, 'empty', 'taken'),
      token(0, 'ok', 'listed'),
      token(0, 'ok', 'the next one is listed too', {}, signingKeys.next),
      token(0, 'token_revoked', 'never listed', {}, signingKeys.unlisted),
      gets(5, 'current-withdrawn', 'taken'),
      token(5, 'token_revoked', 'listed no more'),
      token(5, 'ok', 'still listed', {}, signingKeys.next),
    ],
  },
  {
    name: 'The feed goes down and comes back',
    maxStale: 900,
    steps: [
      gets(0, 'every-kind', 'taken'),
      token(29, 'ok', 'fresh', other),
      token(899, 'ok', 'down, but not for too long', other),
      token(899, 'token_revoked', 'and what was known stays known'),
      token(901, 'unavailable', 'down for longer than maxStale', other),
      token(901, 'unavailable', 'which comes before everything else', {}, signingKeys.unlisted),
      gets(1000, 'later', 'taken'),
      token(1000, 'ok', 'a document was taken again', other),
    ],
  },
  {
    name: 'With maxStale 0 the tolerance of an expired document is all there is',
    maxStale: 0,
    steps: [gets(0, 'empty', 'taken'), token(89, 'ok', 'expired 59 s ago'), token(91, 'unavailable', 'expired 61 s ago')],
  },
  {
    name: 'With maxStale infinite it goes on for ever',
    maxStale: null,
    steps: [gets(0, 'empty', 'taken'), token(1000000, 'ok', 'whatever happens')],
  },
  {
    name: 'Clocks may be a minute apart',
    maxStale: 900,
    steps: [gets(0, 'ahead', 'taken'), token(0, 'ok', 'nothing ended')],
  },
  {
    name: 'An expired document is taken for another minute',
    maxStale: 900,
    steps: [gets(89, 'empty', 'taken', 'expired 59 s ago'), token(89, 'ok', 'nothing ended')],
  },
  {
    name: 'An expired document is taken no longer than that',
    maxStale: 900,
    steps: [gets(91, 'empty', 'refused', 'expired 61 s ago'), token(91, 'unavailable', 'nothing was taken')],
  },
  {
    name: 'What is not a document of this portal changes nothing',
    maxStale: 900,
    steps: [
      gets(0, 'empty', 'taken'),
      ...refusedOnes.flatMap((name) => [gets(0, name, 'refused'), token(0, 'ok', `nothing of ${name} was taken`)]),
    ],
  },
  {
    name: 'A token without a right epoch is invalid',
    maxStale: 900,
    steps: [
      gets(0, 'empty', 'taken'),
      token(0, 'invalid', 'no epoch', { epoch: undefined }),
      token(0, 'invalid', 'negative', { epoch: -1 }),
      token(0, 'invalid', 'no whole number', { epoch: 10.5 }),
      token(0, 'invalid', 'a text', { epoch: '10' }),
      token(0, 'invalid', 'nothing', { epoch: null }),
    ],
  },
]
