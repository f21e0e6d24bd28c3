/** Every "no" of this package as an answer: RFC 9457, with the `error` object of the portal's contract; or the flat shape of old. */
import type { Rejected } from './types.ts'

/** `problem`: `application/problem+json` (req 115). `flat`: `{ "error": "message" }` (req 116). One body cannot be both. */
export type ErrorShape = 'problem' | 'flat'

/** Parameters of a challenge, over `realm`. */
export type Challenge = Record<string, string | number>

export class Refusal {
  readonly status: 400 | 401 | 403 | 404 | 503
  readonly code: string
  /** One plain sentence. It says nothing of the credential. */
  readonly message: string
  /** What `WWW-Authenticate` says (RFC 6750, section 3; RFC 9470, section 3), but for the realm; `null`: nothing. */
  readonly challenge: Challenge | null
  /** Seconds; only with 503. */
  readonly retryAfter: number | undefined

  constructor(
    status: Refusal['status'],
    code: string,
    message: string,
    more: { challenge?: Challenge | null; retryAfter?: number } = {},
  ) {
    this.status = status
    this.code = code
    this.message = message
    this.challenge = more.challenge ?? null
    this.retryAfter = more.retryAfter
  }

  /** `realm`: your audience. `types`: where `type` of a problem begins, such as `https://auth.example.com/errors/`. */
  toResponse({ shape, realm, types }: { shape: ErrorShape; realm: string; types: string }): Response {
    const { status, code, message } = this
    const problem = { type: `${types}${code}`, title: message, status, code, detail: message, error: { message, status, code } }
    const headers = new Headers({
      'Content-Type': shape === 'flat' ? 'application/json' : 'application/problem+json',
      'Cache-Control': 'no-store',
    })
    if (this.challenge) headers.set('WWW-Authenticate', challengeText({ realm, ...this.challenge }))
    if (this.retryAfter !== undefined) headers.set('Retry-After', String(this.retryAfter))
    return new Response(JSON.stringify(shape === 'flat' ? { error: message } : problem), { status, headers })
  }
}

function challengeText(parameters: Challenge): string {
  const all = Object.entries(parameters).map(([name, value]) => {
    return `${name}=${typeof value === 'number' ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`}`
  })
  return `Bearer ${all.join(', ')}`
}

/** 401, or 503 when it is not the credential's fault. */
export function refusalOf({ reason, code, message, retryAfter }: Rejected): Refusal {
  if (reason === 'unavailable') return new Refusal(503, code, message, { retryAfter: retryAfter ?? 5 })
  return new Refusal(401, code, message, { challenge: { error: 'invalid_token', error_description: message } })
}

/** No error in the challenge: RFC 6750, section 3.1, wants none where no credential came. */
export const anonymous = new Refusal(401, 'authentication_required', 'Authentication required', { challenge: {} })

export const ambiguous = new Refusal(400, 'multiple_credentials', 'More than one kind of credential was sent', {
  challenge: { error: 'invalid_request', error_description: 'More than one kind of credential was sent' },
})

export const insecure = new Refusal(403, 'https_required', 'Credentials are taken over https alone')

export const notFound = new Refusal(404, 'not_found', 'Not found')

/** `scope`: what would have been enough. */
export function insufficient(scope?: readonly string[]): Refusal {
  return new Refusal(403, 'insufficient_permissions', 'Insufficient permissions', {
    challenge: { error: 'insufficient_scope', ...(scope && { scope: scope.join(' ') }) },
  })
}

/** RFC 9470, section 3. */
export function stepUpRequired(maxAge: number): Refusal {
  const message = 'A more recent authentication is required'
  const challenge = { error: 'insufficient_user_authentication', error_description: message, max_age: maxAge }
  return new Refusal(401, 'step_up_required', message, { challenge })
}
