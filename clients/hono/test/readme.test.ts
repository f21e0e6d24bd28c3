import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { it } from 'node:test'
import type { Hono } from 'hono'
import { Portal } from './portal.ts'

it('the example of the README works', async (t) => {
  const [, code] = /```ts\n(import[^]+?)```/.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8'))!
  const file = new URL('./example-of-the-readme.ts', import.meta.url)
  writeFileSync(file, code!.replace("'@gatehouse/hono'", "'../src/index.ts'"))
  t.after(() => rmSync(file))
  const { createApp } = (await import(file.href)) as { createApp(issuer: string): { app: Hono; close(): void } }
  const portal = await Portal.open()
  const { app, close } = createApp(portal.issuer)
  t.after(() => {
    close()
    portal.close()
  })

  const token = await portal.token({ tenantId: 'acme' })
  const ask = async (path: string, method = 'GET') => (await app.request(path, { method, headers: { Authorization: `Bearer ${token}` } })).status

  assert.equal((await app.request('/public/status')).status, 200)
  assert.equal((await app.request('/api/me')).status, 401)
  assert.deepEqual(await Promise.all(['/api/me', '/api/workflows', '/api/workflows/1', '/api/workflows/2'].map((path) => ask(path))), [200, 200, 200, 404])
  assert.deepEqual([await ask('/api/tenants/acme', 'DELETE'), await ask('/api/tenants/other', 'DELETE')], [204, 404])
})
