/**
 * Which credential a request brings. One kind and no more: with two somebody is mistaken about who is calling, and a wrong one
 * must not be made up for by the other. Cookies and query strings are no place for a credential here: the first are sent by
 * any page that asks a browser to, the second end up in logs. No other header says anything about the caller.
 */
import type { Context } from 'hono'
import type { Verdict, Verifier } from './types.ts'
import { rejected } from './verdicts.ts'

export type Credential = { kind: 'token'; token: string | null } | { kind: 'key'; key: string } | { kind: 'none' } | { kind: 'several' }

/** `token: null` is an `Authorization` that is no single Bearer token (RFC 6750, section 2.1). */
export function credentialOf(c: Context): Credential {
  const header = c.req.header('Authorization')
  const key = c.req.header('X-API-Key')
  if (header !== undefined && key !== undefined) return { kind: 'several' }
  if (key !== undefined) return { kind: 'key', key }
  if (header === undefined) return { kind: 'none' }
  return { kind: 'token', token: /^Bearer +([\w.~+/-]+=*) *$/i.exec(header)?.[1] ?? null }
}

export function verdictOf(credential: Extract<Credential, { kind: 'token' | 'key' }>, verifier: Verifier): Promise<Verdict> {
  if (credential.kind === 'key') return verifier.verifyApiKey(credential.key)
  return credential.token === null ? Promise.resolve(rejected('invalid')) : verifier.verify(credential.token)
}

/** How to know that a request came over https. */
export type HttpsRule =
  /** The connection itself: this service ends TLS. */
  | 'direct'
  /** `X-Forwarded-Proto`, as the proxy in front sets it. Only behind a proxy that always does: anybody else may write it too. */
  | 'forwarded'

export function isSecure(c: Context, rule: HttpsRule): boolean {
  if (rule === 'direct') return c.req.url.startsWith('https:')
  // Of several the last was added by whoever stands nearest.
  return c.req.header('X-Forwarded-Proto')?.split(',').at(-1)?.trim().toLowerCase() === 'https'
}
