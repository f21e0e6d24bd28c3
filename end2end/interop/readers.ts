/** Everybody who reads our tokens, under one roof: the recipes of the docs, other well-known libraries, our own packages. */
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { test } from '@playwright/test'
import { createVerifier as createFastVerifier } from 'fast-jwt'
import jsonwebtoken from 'jsonwebtoken'
import { createVerifier } from '../../clients/hono/src/index.ts'
import { Axum, axumTrouble } from './axum.ts'
import { PyJwt, pythonTrouble } from './python.ts'
import { createApp } from './recipes/hono.ts'
import { verifier } from './recipes/jose.ts'

export interface Reader {
  name: string
  /** The `sub` of a good token; throws for any other. */
  subject: (token: string) => Promise<string>
}

interface Readers {
  all: Reader[]
  close: () => Promise<void>
}

const audience = 'workflow-api'

/** Verifiers with empty caches. */
async function readersOf(issuer: string): Promise<Readers> {
  const hono = createApp(issuer)
  const jose = verifier(issuer)
  const pyJwt = await new PyJwt(issuer).ready()
  const ours = createVerifier({ issuer, audience })
  const axum = await Axum.start(issuer)
  const all: Reader[] = [
    {
      name: 'Hono',
      subject: async (token) => {
        const answer = await hono.request('/api/workflows', { headers: { Authorization: `Bearer ${token}` } })
        if (answer.status !== 200) throw new Error(`${answer.status} ${answer.headers.get('WWW-Authenticate')}`)
        return ((await answer.json()) as { userId: string }).userId
      },
    },
    { name: 'jose', subject: async (token) => (await jose(token)).sub! },
    { name: 'PyJWT', subject: (token) => pyJwt.subject(token) },
    { name: 'fast-jwt', subject: fastJwt(issuer) },
    { name: 'jsonwebtoken', subject: jsonWebToken(issuer) },
    {
      name: '@gatehouse/hono',
      subject: async (token) => {
        const verdict = await ours.verify(token)
        if (!verdict.ok) throw new Error(`${verdict.reason}: ${verdict.message}`)
        return verdict.user.userId
      },
    },
    { name: 'gatehouse-axum', subject: (token) => axum.subject(token) },
  ]
  const close = async () => {
    pyJwt.close()
    ours.close()
    await axum.stop()
  }
  return { all, close }
}

/** The fixture: as often as they are asked for, new ones; closed when the test ends. Without Python or the Rust example no test here says anything. */
export async function lendReaders(issuer: string, use: (readers: () => Promise<Reader[]>) => Promise<void>): Promise<void> {
  const trouble = pythonTrouble() ?? axumTrouble()
  if (trouble && process.env.CI) throw new Error(trouble)
  test.skip(trouble !== null, trouble ?? '')
  const lent: Readers[] = []
  await use(async () => {
    const readers = await readersOf(issuer)
    lent.push(readers)
    return readers.all
  })
  for (const { close } of lent) await close()
}

/** The key of a `kid`, as PEM: fetched when it is not known yet. */
function pemOf(issuer: string): (kid: unknown) => Promise<string> {
  const known = new Map<string, string>()
  return async (kid) => {
    if (typeof kid !== 'string') throw new Error('no kid')
    if (!known.has(kid)) {
      const answer = await fetch(`${issuer}/.well-known/jwks.json`)
      const { keys } = (await answer.json()) as { keys: (JsonWebKey & { kid: string })[] }
      for (const key of keys) known.set(key.kid, createPublicKey({ key, format: 'jwk' }).export({ format: 'pem', type: 'spki' }) as string)
    }
    const pem = known.get(kid)
    if (!pem) throw new Error('unknown kid')
    return pem
  }
}

function fastJwt(issuer: string): Reader['subject'] {
  const pem = pemOf(issuer)
  const verify = createFastVerifier({
    key: async ({ header }: { header: { kid?: unknown } }) => pem(header.kid),
    algorithms: ['ES256'],
    allowedIss: issuer,
    allowedAud: audience,
    // Without these it takes a token that has no `aud` or `iss` at all.
    requiredClaims: ['iss', 'aud', 'sub', 'iat', 'exp'],
  })
  return async (token) => ((await verify(token)) as { sub: string }).sub
}

function jsonWebToken(issuer: string): Reader['subject'] {
  const pem = pemOf(issuer)
  return (token) =>
    new Promise((done, failed) => {
      const key: jsonwebtoken.GetPublicKeyOrSecret = ({ kid }, give) => void pem(kid).then((found) => give(null, found), give)
      jsonwebtoken.verify(token, key, { algorithms: ['ES256'], issuer, audience }, (error, claims) => {
        if (error || typeof claims !== 'object' || !claims.sub) failed(error ?? new Error('no subject'))
        else done(claims.sub)
      })
    })
}
