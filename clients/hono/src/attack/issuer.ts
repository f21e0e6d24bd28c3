/**
 * The kit's own portal: key set, revocation keys and feed on a port of this machine. The consumer under test is told to trust it,
 * so that every hostile token can be signed in earnest and only what is wrong with it is wrong.
 */
import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { Forge, newest } from './forge.ts'

/** What has ended, by kind; each changed after 10 and before 100. */
export const ended = {
  session: 'an-ended-session',
  key: 'a-revoked-key',
  subject: 'somebody-changed',
  role: 'a-changed-role',
  tenant: 'a-changed-tenant',
} as const
/** Tokens read at this number know that everything up to 10 happened, and none of what is above. */
export const before = 15

/** The signed document. */
export function feedDocument({ lore, current, feed, signed }: Forge, now = Math.floor(Date.now() / 1000)): string {
  const entry = (kind: string, number: number, id?: string) => {
    const name = id === undefined ? '' : createHash('sha256').update(`${kind}:${id}`).digest().subarray(0, 16).toString('base64url')
    return { kind, number, until: now + 86_400, ids: name }
  }
  const payload = {
    iss: lore.issuer,
    stream: 'gatehouse-attack',
    since: 0,
    seq: newest,
    issuedAt: now,
    expiresAt: now + 30,
    kids: [current.kid],
    entries: [entry('all', 10), ...Object.entries(ended).map(([kind, id], i) => entry(kind, 20 + i, id))],
  }
  return signed({ alg: 'ES256', typ: 'gatehouse-revocations', kid: feed.kid }, payload, feed)
}

/** Serves what a consumer asks of a portal, and what a gullible one fetches from wherever a token points. */
export function serveIssuer(forge: Forge): Server {
  const { lore, current, withdrawn, feed, stranger } = forge
  const json = (value: unknown) => ['application/json', JSON.stringify(value)] as const
  const pages: Record<string, () => readonly [type: string, body: string]> = {
    '/.well-known/jwks.json': () => json({ keys: [current.jwk, withdrawn.jwk] }),
    '/.well-known/revocation-keys.json': () => json({ keys: [feed.jwk] }),
    '/.well-known/revocations': () => ['application/jose', feedDocument(forge)],
    '/.well-known/openid-configuration': () => json({ issuer: lore.issuer, jwks_uri: `${lore.issuer}/.well-known/jwks.json` }),
    [strangerPath]: () => json({ keys: [{ ...stranger.jwk, kid: current.kid }, stranger.jwk] }),
    [strangerPem]: () => ['application/x-pem-file', stranger.publicKey.export({ format: 'pem', type: 'spki' }) as string],
  }
  return createServer((request, response) => {
    const page = pages[new URL(request.url ?? '/', 'http://kit').pathname]
    if (!page) return void response.writeHead(404).end()
    const [type, body] = page()
    response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-cache' }).end(body)
  })
}

export const strangerPath = '/stranger/jwks.json'
export const strangerPem = '/stranger/key.pem'
