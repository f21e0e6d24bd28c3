/** The recipes of docs/integrating.md that need no package of ours, under the kit: the page says what gets past them. */
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { attack } from '../src/attack/index.ts'
import { freePort } from './portal.ts'

const docs = readFileSync(new URL('../../../docs/integrating.md', import.meta.url), 'utf8')

/** The module in the first code block under a heading. */
async function recipe(heading: string): Promise<Record<string, (...given: string[]) => unknown>> {
  const [, code] = new RegExp(`\n## ${heading}\n[^]*?\`\`\`ts\n([^]+?)\`\`\``).exec(docs)!
  const file = new URL(`./recipe-for-${heading.toLowerCase()}.ts`, import.meta.url)
  writeFileSync(file, code!)
  try {
    return await import(file.href)
  } finally {
    rmSync(file)
  }
}

async function getsPast(issuer: string, app: Hono) {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/workflows`
  try {
    const report = await attack({ url, port: Number(new URL(issuer).port), withoutFeed: true, callersOnly: true })
    return report.attacks.filter(({ outcome }) => outcome === 'in').map(({ name }) => name)
  } finally {
    server.close()
  }
}

it('the recipe for Hono lets in other spellings of a good token, and nothing else a caller can send', async () => {
  const { createApp } = await recipe('Hono')
  const issuer = `http://127.0.0.1:${await freePort()}`
  assert.deepEqual(await getsPast(issuer, createApp!(issuer) as Hono), ['padding behind', 'unused bits'])
})

it('the recipe for jose lets in the same', async () => {
  const { verifier } = await recipe('jose')
  const issuer = `http://127.0.0.1:${await freePort()}`
  const verify = verifier!(issuer) as (token: string) => Promise<unknown>
  const app = new Hono()
  app.get('/api/workflows', async (c) => {
    const token = /^Bearer (\S+)$/.exec(c.req.header('Authorization') ?? '')?.[1]
    const good = token !== undefined && (await verify(token).then(() => true, () => false))
    return c.text('', good ? 200 : 401)
  })
  assert.deepEqual(await getsPast(issuer, app), ['padding behind', 'unused bits'])
})
