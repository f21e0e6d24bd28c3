/** What of a token the feed is compared with. */
import { isCount, isText } from '../json.ts'
import type { Claims } from '../types.ts'
import { namedKinds, nameOf, type NamedKind } from './document.ts'
import type { Bearing } from './state.ts'

const claimOf: Record<NamedKind, string> = { session: 'sid', key: 'keyId', subject: 'sub', role: 'role', tenant: 'tenantId' }

/** Names are asked for again and again, and a digest costs more than looking. */
const mostNames = 20_000
const known = new Map<string, string>()

/** `null` when the token does not say which change it was read at: it is invalid. */
export async function bearingOf(claims: Claims | Record<string, unknown>, kid: string): Promise<Bearing | null> {
  const epoch = claims.epoch
  if (!isCount(epoch)) return null
  const present = namedKinds.flatMap((kind) => {
    const id = claims[claimOf[kind]]
    return isText(id) ? [{ kind, id }] : []
  })
  const names = await Promise.all(present.map(async ({ kind, id }) => ({ kind, id: await knownName(kind, id) })))
  return { kid, epoch, names }
}

async function knownName(kind: NamedKind, id: string): Promise<string> {
  const text = `${kind}:${id}`
  const before = known.get(text)
  if (before !== undefined) return before
  const name = await nameOf(kind, id)
  if (known.size >= mostNames) known.clear()
  known.set(text, name)
  return name
}
