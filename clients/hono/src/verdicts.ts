/** The ways a credential can fail, each with its code and its one plain sentence. */
import type { Reason, Rejected } from './types.ts'

const said: Record<Reason, [code: string, message: string]> = {
  expired: ['token_expired', 'Token expired'],
  not_before: ['invalid_token', 'Token not valid yet'],
  invalid: ['invalid_token', 'Invalid token'],
  revoked: ['token_revoked', 'Token revoked'],
  stale: ['token_stale', 'Rights have changed since this token was made: fetch another'],
  unavailable: ['keys_unavailable', 'The signing keys cannot be loaded'],
}

export function rejected(reason: Exclude<Reason, 'unavailable'>): Rejected {
  const [code, message] = said[reason]
  return { ok: false, reason, code, message }
}

/** Neither yes nor no: a 401 here would sign everybody out. */
export function unavailable(what: 'keys' | 'revocations' | 'exchange', retryAfter = 5): Rejected {
  const [code, message] = {
    keys: said.unavailable,
    revocations: ['revocations_unavailable', 'What has been revoked is not known'] as const,
    exchange: ['exchange_unavailable', 'API keys cannot be checked'] as const,
  }[what]
  return { ok: false, reason: 'unavailable', code, message, retryAfter }
}

export const badKey: Rejected = { ok: false, reason: 'invalid', code: 'invalid_api_key', message: 'Invalid API key' }
