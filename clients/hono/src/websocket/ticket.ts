/** Trading a ticket for the access token behind it, at the portal that gave it. */

export type Redeemed =
  | { token: string }
  /** `invalid`: wrong, used or too old. `unavailable`: the portal cannot say now. */
  | { refused: 'invalid' | 'unavailable' }

/** How long the portal may take, in milliseconds. */
const patience = 5_000

/**
 * `POST /api/auth/ws-ticket/redeem`. The portal lets a ticket through once, so this is never tried again. Never throws, and
 * nothing it returns or causes to be logged holds the ticket.
 */
export async function redeem(issuer: string, ticket: string, audience: string, fetch: typeof globalThis.fetch): Promise<Redeemed> {
  try {
    const answer = await fetch(`${issuer}/api/auth/ws-ticket/redeem`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ ticket, audience }),
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    })
    if (!answer.ok) {
      await answer.body?.cancel()
      return { refused: answer.status === 429 || answer.status >= 500 ? 'unavailable' : 'invalid' }
    }
    const body = (await answer.json()) as { accessToken?: unknown } | null
    return typeof body?.accessToken === 'string' ? { token: body.accessToken } : { refused: 'unavailable' }
  } catch {
    return { refused: 'unavailable' }
  }
}
