import { createServer, type IncomingMessage } from 'node:http'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test as base } from '@playwright/test'
import { Portal } from '../support/portal.ts'
import { Nginx, nginxTrouble } from './nginx.ts'

const trouble = nginxTrouble()

interface Upstream {
  url: string
  /** What came through, in order. */
  heard: IncomingMessage[]
}

const test = base.extend<{ portal: Portal; upstream: Upstream; nginx: Nginx }>({
  portal: async ({}, use) => {
    const portal = await Portal.start()
    await use(portal)
    await portal.stop()
  },
  upstream: async ({}, use) => {
    const heard: IncomingMessage[] = []
    const server = createServer((request, response) => {
      heard.push(request)
      response.end('from behind')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await use({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard })
    server.close()
    server.closeAllConnections()
  },
  nginx: async ({ portal, upstream }, use) => {
    // The portal listens on 127.0.0.1 and calls itself localhost; nginx would try ::1 as well.
    const nginx = await Nginx.start(portal.url.replace('localhost', '127.0.0.1'), upstream.url)
    await use(nginx)
    await nginx.stop()
  },
})

test.describe('nginx in front of a service', () => {
  if (trouble && process.env.CI) throw new Error(trouble)
  test.skip(trouble !== null, trouble ?? '')

  test('lets good tokens through and nothing else', async ({ portal, upstream, nginx }) => {
    const { accessToken } = await portal.post('/api/auth/login', await portal.joined())
    const ask = (headers: Record<string, string>, method = 'GET') => fetch(`${nginx.url}/anything?at=all`, { method, headers })
    const bearer = { Authorization: `Bearer ${accessToken}` }
    upstream.heard.length = 0

    const [header, claims] = (accessToken as string).split('.')
    const unsigned = { Authorization: `Bearer ${header}.${claims}.` }
    const bad: Record<string, string>[] = [{}, unsigned, { Authorization: 'Bearer x' }, { 'X-API-Key': 'wks_live_x' }]
    for (const headers of bad) {
      const answer = await ask(headers)
      expect(answer.status, JSON.stringify(headers)).toBe(401)
      expect(answer.headers.get('WWW-Authenticate')).toContain('Bearer')
    }
    expect((await ask({ ...bearer, 'X-API-Key': 'wks_live_x' })).status).toBe(500)
    expect((await fetch(`${nginx.url}/gatehouse`, { headers: bearer })).status).toBe(404)
    expect(upstream.heard).toEqual([])

    const through = await ask(bearer)
    expect([through.status, await through.text()]).toEqual([200, 'from behind'])
    expect((await ask(bearer, 'POST')).status).toBe(200)
    expect(upstream.heard.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /anything?at=all', 'POST /anything?at=all'])
  })

  test('takes no cookie for a credential', async ({ portal, upstream, nginx }) => {
    const person = await portal.joined()
    const signedIn = await fetch(`${portal.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...person, useCookie: true }),
    })
    const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')
    expect((await fetch(`${portal.url}/api/auth/me`, { headers: { Cookie: cookie } })).status).toBe(200)
    upstream.heard.length = 0

    expect((await fetch(nginx.url, { method: 'POST', headers: { Cookie: cookie } })).status).toBe(401)
    expect(upstream.heard).toEqual([])
  })

  test('refuses an ended session at once, and everybody while the portal is down', async ({ portal, upstream, nginx }) => {
    const { accessToken } = await portal.post('/api/auth/login', await portal.joined())
    const { accessToken: other } = await portal.post('/api/auth/login', await portal.joined())
    const bearer = (token: unknown) => ({ headers: { Authorization: `Bearer ${token}` } })
    expect((await fetch(nginx.url, bearer(accessToken))).status).toBe(200)

    expect((await fetch(`${portal.url}/api/auth/logout`, { method: 'POST', ...bearer(accessToken) })).status).toBe(200)
    expect((await fetch(nginx.url, bearer(accessToken))).status).toBe(401)
    expect((await fetch(nginx.url, bearer(other))).status).toBe(200)

    await portal.program.stop()
    upstream.heard.length = 0
    expect((await fetch(nginx.url, bearer(other))).status).toBe(500)
    expect(upstream.heard).toEqual([])
  })
})

base('the nginx recipe in the docs is the one tested here', async () => {
  const docs = await readFile(join(import.meta.dirname, '../../docs/integrating.md'), 'utf8')
  expect(docs).toContain(await readFile(join(import.meta.dirname, 'recipes/nginx.conf'), 'utf8'))
})
