import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { attack, attacks, Forge, goods, holes, serveIssuer, type Attack, type Sending } from '../src/attack/index.ts'
import { feedDocument } from '../src/attack/issuer.ts'
import { gatehouse, type Env } from '../src/index.ts'
import { letsIn, type Received, type Trust } from './broken.ts'
import { freePort } from './portal.ts'

const open: { close(): void }[] = []
after(() => open.forEach((one) => one.close()))

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const audience = 'workflow-api'
const port = await freePort()
const forge = new Forge({ issuer: `http://127.0.0.1:${port}`, audience, permissions: ['workflow:read'], now: Math.floor(Date.now() / 1000) })
const all = attacks(forge)

const document = JSON.parse(Buffer.from(feedDocument(forge).split('.')[1]!, 'base64url').toString())
const trust: Trust = {
  ...forge.lore,
  jwks: [forge.current.jwk, forge.withdrawn.jwk],
  feedKeys: [forge.feed.jwk],
  kids: document.kids,
  entries: document.entries,
  seen: forge.token(),
}

function received(send: Sending): Received {
  const authorization = 'token' in send ? `Bearer ${send.token}` : 'authorization' in send ? send.authorization : []
  return {
    authorization: [authorization].flat(),
    headers: 'headers' in send ? send.headers : {},
    query: 'query' in send ? send.query : {},
  }
}

describe('the kit’s attacks', () => {
  it('are many, and no two are called the same', () => {
    assert.ok(all.length >= 60, String(all.length))
    assert.equal(new Set(all.map(({ name }) => name)).size, all.length)
    const tokens = all.flatMap(({ send }) => ('token' in send ? [send.token] : []))
    assert.equal(new Set(tokens).size, tokens.length)
  })

  it('each get past a verifier that misses what they are after, and past none that misses nothing', async (t) => {
    const server = serveIssuer(forge)
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    t.after(() => server.close().closeAllConnections())
    for (const { name, send } of goods(forge)) assert.ok(await letsIn(received(send), trust, []), `good: ${name}`)
    const useless: string[] = []
    const judged = async ({ name, holes, send }: Attack) => {
      if (await letsIn(received(send), trust, [])) useless.push(`${name}: gets past a strict verifier`)
      if (!(await letsIn(received(send), trust, holes))) useless.push(`${name}: does not get past ${holes.join(', ')}`)
      // Where several holes are named, each of them is needed.
      for (const hole of holes.length > 1 ? holes : []) {
        const others = holes.filter((other) => other !== hole)
        if (await letsIn(received(send), trust, others)) useless.push(`${name}: does not need ${hole}`)
      }
    }
    for (const one of all) await judged(one)
    assert.deepEqual(useless, [])
  })

  it('say who could make them', () => {
    const maker = (name: string) => all.find((one) => one.name === name)!.maker
    assert.deepEqual(['alg none', 'jwk', 'expired', 'session ended', 'aud wrong', 'unused bits', 'feed document'].map(maker), Array(7).fill('caller'))
    assert.deepEqual(['kid unknown', 'typ at+jwt', 'iss wrong', 'ten years', 'sub number', 'iss twice'].map(maker), Array(6).fill('issuer'))
    assert.ok(all.filter((one) => one.maker === 'caller').length >= 60)
  })

  it('leave no hole untried', () => {
    const tried = new Set(all.flatMap((one) => one.holes))
    assert.deepEqual(holes.filter((hole) => !tried.has(hole)), [])
  })
})

/** A service with our middleware that trusts the kit on this port. */
async function ours(kit: number) {
  const auth = gatehouse({ issuer: `http://127.0.0.1:${kit}`, audience, pollSeconds: 1 }, { fetch, now: () => Date.now() / 1000, log: () => {} })
  const app = new Hono<Env>()
  app.use('/api/*', auth.authenticate)
  app.get('/api/workflows', auth.requirePermission('workflow:read'), (c) => c.json({ who: c.get('user').userId }))
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  open.push(auth, server)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/workflows`
}

describe('the kit', () => {
  it('gets nothing past our middleware', async () => {
    const kit = await freePort()
    const report = await attack({ url: await ours(kit), port: kit })
    assert.deepEqual(report.attacks.filter(({ outcome }) => outcome !== 'refused'), [])
    assert.equal(report.attacks.length, all.length)
    assert.deepEqual([report.verdict, report.exitCode], ['safe', 0])
  })

  it('says what got into a service that checks no signature', async () => {
    const server = createServer((request, response) => {
      const payload = request.headers.authorization?.split('.')[1]
      try {
        const { exp } = JSON.parse(Buffer.from(payload!, 'base64url').toString())
        response.statusCode = exp > Date.now() / 1000 ? 200 : 401
      } catch {
        response.statusCode = 401
      }
      response.end()
    })
    open.push(server)
    const report = await attack({ url: `http://127.0.0.1:${await listening(server)}/`, port: await freePort() })
    const inside = report.attacks.filter(({ outcome }) => outcome === 'in').map(({ name }) => name)
    assert.deepEqual([report.verdict, report.exitCode], ['broken', 1])
    assert.ok(inside.includes('alg none') && inside.includes('stranger’s key'))
    assert.ok(!inside.includes('expired') && !inside.includes('empty'))
  })

  it('proves nothing with a service that refuses everything', async () => {
    const server = createServer((_, response) => response.writeHead(404).end())
    open.push(server)
    const url = `http://127.0.0.1:${await listening(server)}/`
    const report = await attack({ url, port: await freePort(), waitSeconds: 0 })
    assert.deepEqual([report.verdict, report.exitCode, report.attacks.length], ['inconclusive', 2, 0])
    assert.match(report.reason!, /good token/)
    const nobody = await attack({ url: `http://127.0.0.1:${await freePort()}/`, port: await freePort(), waitSeconds: 0 })
    assert.equal(nobody.exitCode, 2)
  })

  it('leaves out on request what only the feed tells, and what only the issuer could sign', async () => {
    const kit = await freePort()
    const report = await attack({ url: await ours(kit), port: kit, withoutFeed: true, callersOnly: true })
    assert.equal(report.exitCode, 0)
    assert.ok(!report.attacks.some(({ name, maker }) => name === 'session ended' || maker === 'issuer'))
  })

  const run = (...args: string[]) => {
    return new Promise<{ code: number; out: string; error: string }>((resolve) => {
      const cli = new URL('../src/attack/cli.ts', import.meta.url).pathname
      execFile(process.execPath, ['--import', 'tsx', cli, ...args], (error, out, err) => {
        resolve({ code: error ? Number(error.code) : 0, out, error: err })
      })
    })
  }

  it('is a command with a table, JSON and an exit code', async () => {
    const kit = await freePort()
    const url = await ours(kit)
    const plain = await run('--url', url, '--port', String(kit))
    assert.equal(plain.code, 0, plain.out + plain.error)
    assert.match(plain.out, /^refused +401 +alg none +no signature at all$/m)
    assert.match(plain.out, /None of \d+ hostile requests got in\.\n$/)

    const other = await freePort()
    const json = JSON.parse((await run('--url', await ours(other), '--port', String(other), '--json')).out)
    assert.deepEqual([json.verdict, json.attacks.length], ['safe', all.length])

    const wrong = await run('--url', await ours(other), '--port', String(other), '--permission', 'nothing:at-all', '--wait', '0')
    assert.equal(wrong.code, 2)
    assert.match(wrong.out, /Inconclusive/)
    assert.equal((await run()).code, 2)
    assert.equal((await run('--help')).code, 0)
    assert.match((await run('--url', 'x', '--nonsense')).error, /^gatehouse-attack: /)
  })

  it('puts tokens where it is told', async () => {
    const kit = await freePort()
    const inner = new URL(await ours(kit))
    // A gateway that takes the token from a header of its own.
    const server = createServer(async (request, response) => {
      const authorization = `Bearer ${String(request.headers['x-token'])}`
      const headers = request.headers['x-route'] === 'blue' && request.headers['x-token'] ? { Authorization: authorization } : undefined
      const answer = await fetch(inner, { headers: headers ?? {} }).catch(() => ({ status: 400 }))
      response.writeHead(answer.status).end()
    })
    open.push(server)
    const url = `http://127.0.0.1:${await listening(server)}/`
    const report = await attack({ url, port: kit, headers: ['X-Route: blue', 'X-Token: {token}'] })
    assert.deepEqual([report.verdict, report.goods.length], ['safe', 4])
  })
})
