/** Every attack, and the good tokens that must pass: a service that refuses everything proves nothing. */
import type { Attack, Good } from './attack.ts'
import type { Forge } from './forge.ts'
import { claims } from './hostile/claims.ts'
import { headers } from './hostile/headers.ts'
import { revocations } from './hostile/revocations.ts'
import { signatures } from './hostile/signatures.ts'
import { spellings } from './hostile/spellings.ts'
import { ended } from './issuer.ts'

export function attacks(forge: Forge): Attack[] {
  return [...signatures(forge), ...headers(forge), ...claims(forge), ...spellings(forge), ...revocations(forge)]
}

export function goods(forge: Forge): Good[] {
  const { audience, now } = forge.lore
  const good = (name: string, tries: string, more: Record<string, unknown> = {}): Good => ({ name, tries, send: { token: forge.token(more) } })
  return [
    good('good', 'a token as the portal makes them'),
    good('aud as a text', 'for one service', { aud: audience }),
    good('read after the change', 'of an account that changed before it was made', { sub: ended.subject, userId: ended.subject }),
    good('ten minutes old', 'made a while ago', { iat: now - 600, exp: now + 300 }),
  ]
}
