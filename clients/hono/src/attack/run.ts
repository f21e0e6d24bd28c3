/** Fires everything at a service that trusts the kit, and says what got in. */
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Attack, Maker, Sending } from './attack.ts'
import { fire, type Outcome, type Target } from './fire.ts'
import { Forge } from './forge.ts'
import { attacks, goods } from './hostile.ts'
import { serveIssuer } from './issuer.ts'

export interface AttackOptions {
  /** A route of the service that answers 2xx to a good token. */
  url: string
  /** Default `GET`. */
  method?: string
  /** `Name: value`, sent along. A value with `{token}` says where tokens go instead of `Authorization: Bearer {token}`. */
  headers?: readonly string[]
  /** What the service wants in `aud`. Default `workflow-api`. */
  audience?: string
  /** What good tokens permit. Default: everything about workflows. */
  permissions?: readonly string[]
  /** Where the kit serves its keys and its feed. Default 4180, on 127.0.0.1. */
  port?: number
  bind?: string
  /** The name by which the service trusts the kit. Default `http://127.0.0.1:<port>`. */
  issuer?: string
  /** Leaves out what only a feed can tell, for a service that follows none. */
  withoutFeed?: boolean
  /** Leaves out what only the issuer could sign, by mistake. */
  callersOnly?: boolean
  /** How long the service may take to accept the first good token. Default 40: one that knows an earlier run's keys looks for new ones twice a minute. */
  waitSeconds?: number
}

export interface Result {
  name: string
  tries: string
  outcome: Outcome
  status: number | null
}

export interface Report {
  /** `safe`: nothing hostile got in. `broken`: something did. `inconclusive`: the service did not take the good tokens, or did not answer. */
  verdict: 'safe' | 'broken' | 'inconclusive'
  /** 0, 1, 2. */
  exitCode: 0 | 1 | 2
  /** Why it is inconclusive. */
  reason: string | null
  goods: Result[]
  attacks: (Result & { maker: Maker })[]
}

const workflow = ['workflow:create', 'workflow:read', 'workflow:update', 'workflow:delete', 'workflow:execute']

/** Throws when the port is taken or `url` is no URL; whatever the service does is in the report. */
export async function attack(options: AttackOptions): Promise<Report> {
  const { port = 4180, bind = '127.0.0.1', audience = 'workflow-api', permissions = workflow } = options
  const issuer = options.issuer ?? `http://127.0.0.1:${port}`
  const forge = new Forge({ issuer, audience, permissions, now: Math.floor(Date.now() / 1000) })
  const target: Target = { url: new URL(options.url).href, method: options.method ?? 'GET', headers: options.headers ?? [] }
  const server = serveIssuer(forge).listen(port, bind)
  await once(server, 'listening')
  try {
    return await fireAll(forge, target, options)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

async function fireAll(forge: Forge, target: Target, options: AttackOptions): Promise<Report> {
  const good = goods(forge)
  const accepted: Result[] = []
  for (const one of good) {
    accepted.push(await shoot(target, one, accepted.length === 0 ? (options.waitSeconds ?? 40) : 0))
    if (accepted.at(-1)!.outcome !== 'in') return inconclusive(`a good token (${one.tries}) was not let in`, accepted, [])
  }
  const results: Report['attacks'] = []
  for (const one of attacks(forge).filter((one) => isWanted(one, options))) {
    results.push({ ...(await shoot(target, one)), maker: one.maker })
  }
  if (results.some(({ outcome }) => outcome === 'in')) return { verdict: 'broken', exitCode: 1, reason: null, goods: accepted, attacks: results }
  const last = await shoot(target, good[0]!)
  if (last.outcome !== 'in') return inconclusive('after the attacks a good token was not let in any more', [...accepted, last], results)
  const unclear = results.filter(({ outcome }) => outcome === 'unclear').length
  if (unclear > 0) return inconclusive(`${unclear} attacks were not answered, or with 429`, accepted, results)
  return { verdict: 'safe', exitCode: 0, reason: null, goods: accepted, attacks: results }
}

function isWanted({ holes, maker }: Attack, { withoutFeed = false, callersOnly = false }: AttackOptions): boolean {
  return !(withoutFeed && holes.includes('follows no feed')) && !(callersOnly && maker === 'issuer')
}

function inconclusive(reason: string, good: Result[], hostile: Report['attacks']): Report {
  return { verdict: 'inconclusive', exitCode: 2, reason, goods: good, attacks: hostile }
}

async function shoot(target: Target, { name, tries, send }: { name: string; tries: string; send: Sending }, waitSeconds = 0): Promise<Result> {
  const patience = Date.now() + waitSeconds * 1000
  for (;;) {
    const shot = await fire(target, send).catch(() => ({ outcome: 'unclear' as const, status: null }))
    if (shot.outcome === 'in' || Date.now() >= patience) return { name, tries, ...shot }
    await pause(500)
  }
}
