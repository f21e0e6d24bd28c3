/** The portal's routes that a browser app uses. Cookies go along here, and only here. */
import { errorOf, GatehouseError, isRecord, jsonOf } from './errors.ts'
import type { Surroundings } from './surroundings.ts'
import { HeldToken } from './token.ts'

/** How long the portal may take to answer, in milliseconds. */
const patience = 15_000

export class PortalCalls {
  constructor(
    readonly url: string,
    private readonly surroundings: Surroundings,
  ) {}

  async token(): Promise<HeldToken> {
    const body = await this.post('/api/auth/token')
    const seconds = typeof body.expiresIn === 'number' ? body.expiresIn : NaN
    const token = HeldToken.from(body.accessToken, seconds * 1000, this.surroundings)
    if (!token) throw unexpected('The portal answered without a token.')
    return token
  }

  async ticket(audience: string | undefined): Promise<string> {
    const { ticket } = await this.post('/api/auth/ws-ticket', audience === undefined ? {} : { audience })
    if (typeof ticket !== 'string' || ticket === '') throw unexpected('The portal answered without a ticket.')
    return ticket
  }

  /** The body of a success. Rejects with a {@link GatehouseError} for everything else. */
  async post(path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await this.#send(path, body)
    if (!answer.ok) throw await errorOf(answer)
    return (await jsonOf(answer)) ?? {}
  }

  /** The same, where a refusal carries something the caller needs. */
  async attempt(path: string, body: object): Promise<{ ok: boolean; status: number; body: Record<string, unknown> }> {
    const answer = await this.#send(path, body)
    const told = (await jsonOf(answer.clone())) ?? {}
    if (!answer.ok && told.code !== 'mfa_required') throw await errorOf(answer)
    return { ok: answer.ok, status: answer.status, body: told }
  }

  async #send(path: string, body?: object): Promise<Response> {
    try {
      return await this.surroundings.fetch(this.url + path, {
        method: 'POST',
        credentials: 'include',
        cache: 'no-store',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        headers: { Accept: 'application/json', ...(body && { 'Content-Type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(patience),
      })
    } catch (cause) {
      throw new GatehouseError(0, 'unreachable', 'The portal cannot be reached.', { cause })
    }
  }
}

/** The user of an `AuthResult`, as the portal tells it. */
export function userIn(body: Record<string, unknown>): Record<string, unknown> {
  if (!isRecord(body.user)) throw unexpected('The portal answered without a user.')
  return body.user
}

function unexpected(message: string): GatehouseError {
  return new GatehouseError(0, 'unexpected_answer', message)
}
