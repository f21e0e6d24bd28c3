/** Well signed and in date, and over (docs/revocation-feed.md, "Judging a token"). */
import { by, type Attack } from '../attack.ts'
import type { Forge } from '../forge.ts'
import { before, ended } from '../issuer.ts'

export function revocations(forge: Forge): Attack[] {
  const old = (more: Record<string, unknown>) => forge.token({ epoch: before, ...more })
  const over = (name: string, tries: string, token: string) => by('follows no feed', name, tries, token)
  return [
    over('session ended', 'its session has ended', old({ sid: ended.session })),
    over('key revoked', 'made from an API key that was revoked', old({ sid: undefined, keyId: ended.key, role: 'api' })),
    over('account changed', 'the account was disabled or lost rights', old({ sub: ended.subject, userId: ended.subject })),
    over('role changed', 'the role lost rights', old({ role: ended.role })),
    over('tenant changed', 'the tenant was changed', old({ tenantId: ended.tenant })),
    over('everybody', 'older than what ended for all', forge.token({ epoch: 9 })),
    over('signing key withdrawn', 'signed by a key that is in the set, and in the feed no more', forge.token({}, {}, forge.withdrawn)),
  ]
}
