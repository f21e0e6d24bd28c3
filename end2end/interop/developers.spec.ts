/** What the page for developers gives to copy works as it stands. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { Portal, type Person } from '../support/portal.ts'
import { PyJwt, pythonTrouble } from './python.ts'

let portal: Portal
let person: Person
let folder: string

test.beforeAll(async () => {
  portal = await Portal.start()
  person = await portal.joined()
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-copied-'))
})

test.afterAll(async () => {
  await portal.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The code a person copies from the page. */
async function copied(id: string): Promise<string> {
  const headers = { 'Content-Type': 'application/json' }
  const body = JSON.stringify({ ...person, useCookie: true })
  const signedIn = await fetch(`${portal.url}/api/auth/login`, { method: 'POST', headers: { ...headers, Origin: portal.url }, body })
  expect(signedIn.status).toBe(200)
  const Cookie = signedIn.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ')
  const page = await (await fetch(`${portal.url}/integrate`, { headers: { Cookie } })).text()
  const [, html] = new RegExp(`<code id="${id}">([^]*?)</code>`).exec(page)!
  const characters: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', '#x27': "'", '#39': "'" }
  return html!.replace(/&(lt|gt|amp|quot|#x27|#39);/g, (_, name: string) => characters[name]!)
}

test('the code for Python takes this portal’s tokens', async () => {
  const trouble = pythonTrouble()
  if (trouble && process.env.CI) throw new Error(trouble)
  test.skip(trouble !== null, trouble ?? '')
  await writeFile(join(folder, 'gatehouse_tokens.py'), await copied('python'))
  const { accessToken, user } = await portal.post('/api/auth/login', { ...person, use: 'services' })

  const pyJwt = await new PyJwt(portal.url, folder).ready()
  expect(await pyJwt.subject(accessToken as string)).toBe((user as { id: string }).id)
  await expect(pyJwt.subject('no-token')).rejects.toThrow()
  pyJwt.close()
})

test('what is done by hand gets a token, the keys and an answer about the caller', async () => {
  const script = (await copied('by-hand')).replace('ada@example.com', person.email).replace('"…"', `"${person.password}"`)
  const env = { PATH: process.env.PATH, NO_PROXY: '*' }
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { env })
  expect(stdout).toContain('"keys":')
  expect(stdout).toContain(person.email)
})
