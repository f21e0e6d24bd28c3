#!/usr/bin/env node
/** `gatehouse-attack`: hostile tokens for a service of your own. */
import { parseArgs } from 'node:util'
import type { Maker } from './attack.ts'
import { attack, type Report, type Result } from './run.ts'

const help = `gatehouse-attack --url <url> [options]

Fires hostile tokens at a service and tells which get in. It is an issuer of its own: run the service with
http://127.0.0.1:4180 as its issuer, give --url a route that a good token may GET, and start the kit.

  --url <url>             the route
  --audience <name>       what the service wants in aud (workflow-api)
  --permission <name>     a right of the good tokens; again for more (everything about workflows)
  --header 'Name: value'  sent along; with {token} in it: where tokens go ('Authorization: Bearer {token}')
  --method <name>         GET
  --port <number>         where keys and feed are served (4180)
  --bind <address>        127.0.0.1
  --issuer <url>          how the service names the kit (http://127.0.0.1:<port>)
  --without-feed          leave out what only the revocation feed can tell
  --callers-only          leave out what only the issuer could sign, by mistake
  --wait <seconds>        for the first good token to be let in (40)
  --json                  for machines

Exit codes: 0 nothing hostile got in, 1 something did, 2 the good tokens were not let in or the service did not answer.
Use it on services that are yours.`

function settings() {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      url: text,
      audience: text,
      permission: { type: 'string', multiple: true },
      header: { type: 'string', multiple: true },
      method: text,
      port: text,
      bind: text,
      issuer: text,
      wait: text,
      'without-feed': { type: 'boolean' },
      'callers-only': { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  return values
}

async function main(): Promise<number> {
  const { url, header, permission, wait, port, json, help: wantsHelp, ...rest } = settings()
  const { 'without-feed': withoutFeed, 'callers-only': callersOnly, ...plain } = rest
  if (wantsHelp || url === undefined) {
    ;(wantsHelp ? console.log : console.error)(help)
    return wantsHelp ? 0 : 2
  }
  const report = await attack({
    url,
    ...plain,
    ...(header && { headers: header }),
    ...(permission && { permissions: permission }),
    ...(port !== undefined && { port: numberOf('--port', port) }),
    ...(wait !== undefined && { waitSeconds: numberOf('--wait', wait) }),
    ...(withoutFeed && { withoutFeed }),
    ...(callersOnly && { callersOnly }),
  })
  console.log(json ? JSON.stringify(report, null, 2) : table(report))
  return report.exitCode
}

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (text === '' || !Number.isInteger(value) || value < 0) throw new Error(`${name} must be a whole number: ${text}`)
  return value
}

function table({ goods, attacks, verdict, reason }: Report): string {
  const all = [...goods, ...attacks]
  const widest = Math.max(...all.map(({ name }) => name.length))
  const line = ({ name, tries, outcome, status }: Result) => {
    return `${(outcome === 'in' ? 'IN' : outcome).padEnd(8)} ${String(status ?? '–').padEnd(4)} ${name.padEnd(widest)}  ${tries}`
  }
  const inside = (maker: Maker) => attacks.filter((one) => one.outcome === 'in' && one.maker === maker).map(({ name }) => name)
  const [callers, issuers] = [inside('caller'), inside('issuer')]
  const errors = attacks.filter(({ outcome }) => outcome === 'error').length
  const last = {
    safe: `None of ${attacks.length} hostile requests got in.`,
    broken: [
      `${callers.length + issuers.length} of ${attacks.length} hostile requests GOT IN.`,
      ...(callers.length > 0 ? [`Any caller could send ${callers.length}: ${callers.join(' · ')}`] : []),
      ...(issuers.length > 0 ? [`The issuer would have to sign ${issuers.length} by mistake: ${issuers.join(' · ')}`] : []),
    ].join('\n'),
    inconclusive: `Inconclusive: ${reason}. Does the service trust the kit's issuer, and may a good token use the route?`,
  }[verdict]
  const notice = errors > 0 ? [`${errors} were answered with a 5xx: not let in, but something broke.`] : []
  return ['Good tokens, which have to get in:', ...goods.map(line), '', 'Hostile ones:', ...attacks.map(line), '', ...notice, last].join('\n')
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(`gatehouse-attack: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 2
  },
)
