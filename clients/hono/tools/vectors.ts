/**
 * Writes `clients/vectors/revocation-feed.json`: `npm run vectors`. Every run makes new keys, so every signature changes;
 * run it only when the plan has changed.
 */
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { CompactSign, exportJWK, generateKeyPair, type CompactJWSHeaderParameters, type CryptoKey } from 'jose'
import { documents, ids, issuer, nameOf, sequences, signingKeys, type PlannedDocument } from './vectors-plan.ts'

type Key = { privateKey: CryptoKey; jwk: { kid: string; alg: string; x?: string; y?: string } }

async function makeKey(alg: string, kid: string): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, ...{ use: 'sig' } } }
}

const keys = {
  es256: await makeKey('ES256', 'feed-es256'),
  eddsa: await makeKey('EdDSA', 'feed-eddsa'),
  rs256: await makeKey('RS256', 'feed-rs256'),
}
const stranger = await makeKey('ES256', 'feed-es256')

const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

async function sign({ payload, header = {}, by = 'es256', tampered }: PlannedDocument): Promise<string> {
  const key = by === 'eddsa' || by === 'rs256' ? keys[by] : by === 'stranger' ? stranger : keys.es256
  const full = { alg: key.jwk.alg, typ: 'gatehouse-revocations', kid: key.jwk.kid, ...header } as CompactJWSHeaderParameters
  const jwk = keys.es256.jwk
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(jwk.x!, 'base64url'), Buffer.from(jwk.y!, 'base64url')])
  const input = `${encode(full)}.${encode(payload)}`
  if (by === 'nobody') return `${input}.`
  if (by === 'hmac-of-the-jwk' || by === 'hmac-of-the-point') {
    return `${input}.${createHmac('sha256', by === 'hmac-of-the-jwk' ? JSON.stringify(jwk) : point).update(input).digest('base64url')}`
  }
  if (full.alg !== key.jwk.alg || full.crit) return `${input}.${await rawSignature(key, input)}`
  const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(payload))).setProtectedHeader(full).sign(key.privateKey)
  const [first, , last] = jws.split('.')
  return tampered ? `${first}.${encode(tampered)}.${last}` : jws
}

/** A right signature over what jose would refuse to sign. */
async function rawSignature({ privateKey, jwk }: Key, input: string): Promise<string> {
  const algorithm = jwk.alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: 'Ed25519' }
  return Buffer.from(await crypto.subtle.sign(algorithm, privateKey, Buffer.from(input))).toString('base64url')
}

const signed: Record<string, { what: string; jws: string }> = {}
for (const [name, document] of Object.entries(documents)) signed[name] = { what: document.what, jws: await sign(document) }

const named = [
  ['session', ids.adaSession],
  ['key', ids.adaKey],
  ['subject', ids.bob],
  ['role', 'editor'],
  ['role', 'Redaktör'],
  ['tenant', ids.acme],
] as const

const file = {
  about: [
    'Test vectors of docs/revocation-feed.md, made by clients/hono/tools/vectors.ts. Times are seconds since 1970.',
    'A client trusts `issuer`; `keys` is its revocation-keys.json. Loading that set again brings the same keys.',
    '`names`: the first 16 bytes of SHA-256 over `<kind>:<id>` in UTF-8, as unpadded base64url.',
    '`sequences`: each begins with a client that knows nothing. Do the steps in order, at the time `at`.',
    'A step with a `document` hands the client documents[document].jws. It is `taken` (merged), `refused` (rule 2: not a document to believe),',
    '`ignored` (rule 5: an old one) or asks to `reload` (rule 4: the whole document is needed). All but `taken` change nothing at all.',
    'A step with a `token` judges a token whose signature, algorithm, typ, iss, aud and times hold: `kid` is from its header, `claims` are',
    'those the feed looks at. `invalid` means its epoch is no whole number from 0 on. `maxStale` is in seconds, null stands for infinite.',
  ],
  issuer,
  signingKeys,
  keys: { keys: Object.values(keys).map(({ jwk }) => jwk) },
  names: named.map(([kind, id]) => ({ kind, id, name: nameOf(kind, id) })),
  documents: signed,
  sequences,
}
writeFileSync(new URL('../../vectors/revocation-feed.json', import.meta.url), `${JSON.stringify(file, null, 2)}\n`)
