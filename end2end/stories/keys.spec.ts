import type { Page } from '@playwright/test'
import type { Person, Portal } from '../support/portal.ts'
import { expect, signedIn, signIn, test } from '../support/story.ts'

interface Me {
  user: { role: string; permissions: string[]; tenantId: string | null }
}

async function asAdmin(page: Page, portal: Portal): Promise<Person> {
  const admin = portal.stranger()
  await portal.createAdmin(admin)
  await signedIn(page, admin)
  return admin
}

/** What a program with this key is told of itself. */
async function use(portal: Portal, key: string): Promise<{ status: number; me: Me }> {
  const answer = await fetch(`${portal.url}/api/auth/me`, { headers: { 'X-API-Key': key } })
  return { status: answer.status, me: (await answer.json()) as Me }
}

/** A key is refused everywhere within ten seconds; here at once, but for a node that reads it anew. */
async function refused(portal: Portal, key: string): Promise<void> {
  await expect.poll(async () => (await use(portal, key)).status, { timeout: 10_000 }).toBe(401)
}

/** The key on the page, once. */
async function shown(page: Page): Promise<string> {
  const key = await page.getByLabel('Key', { exact: true }).inputValue()
  expect(key).toMatch(/^wks_test_[0-9a-f]{72}$/)
  return key
}

/** Makes a key that may do this, and stays on the page that shows it. */
async function made(page: Page, name: string, permissions: string[]): Promise<string> {
  await page.goto('/account/keys/new')
  await page.getByLabel('Name', { exact: true }).fill(name)
  for (const permission of permissions) await page.getByRole('checkbox', { name: permission, exact: true }).check()
  await page.getByRole('button', { name: 'Make the key', exact: true }).click()
  return shown(page)
}

async function atKey(page: Page, name: string): Promise<void> {
  await page.goto('/account/keys')
  await page.getByRole('link', { name, exact: true }).click()
  await expect(page.getByRole('heading', { level: 2, name, exact: true })).toBeVisible()
}

test('somebody makes a key, sees it once, and a program uses it', async ({ page, portal, person, look }) => {
  await signedIn(page, person)
  await page.goto('/account/keys')
  await expect(page.getByRole('heading', { name: 'No keys yet' })).toBeVisible()
  await look(page)
  await page.getByRole('link', { name: 'New key', exact: true }).click()
  await look(page)
  await page.getByLabel('Name', { exact: true }).fill('Nightly build')
  await page.getByRole('checkbox', { name: 'workflow:read', exact: true }).check()
  await page.getByRole('checkbox', { name: 'workflow:execute', exact: true }).check()
  await page.getByLabel('It lives for', { exact: true }).selectOption('30 days')
  await page.getByRole('button', { name: 'Make the key', exact: true }).click()

  await expect(page.getByRole('heading', { name: 'Copy “Nightly build” now' })).toBeVisible()
  const key = await shown(page)
  await look(page)
  expect(page.url()).not.toContain(key)
  const command = await page.getByRole('region', { name: 'Code: curl' }).innerText()
  expect(command.trim()).toBe(`curl -H 'X-API-Key: ${key}' ${portal.url}/api/auth/me`)
  const { status, me } = await use(portal, key)
  expect(status).toBe(200)
  expect(me.user.role).toBe('api')
  // Exactly the two boxes: no more, no fewer.
  expect(me.user.permissions).toEqual(['workflow:execute', 'workflow:read'])

  await page.reload()
  await expect(page.getByRole('link', { name: 'Nightly build', exact: true })).toBeVisible()
  expect(await page.content()).not.toContain(key.slice(9, 60))
  await page.getByRole('link', { name: 'Nightly build', exact: true }).click()
  await expect(page.getByRole('main')).toContainText(`wks_test_…${key.slice(-4)}`)
  expect(await page.content()).not.toContain(key.slice(9, 60))
  await look(page)
})

test('a key lives as many days as were typed, and what is wrong keeps what was right', async ({ page, person, look }) => {
  await signedIn(page, person)
  await page.goto('/account/keys/new')
  await page.getByLabel('Name', { exact: true }).fill('Ten days')
  await page.getByRole('checkbox', { name: 'workflow:read', exact: true }).check()
  await page.getByRole('checkbox', { name: 'automation:read', exact: true }).check()
  await page.getByLabel('It lives for', { exact: true }).selectOption('As many days as I say')
  await page.getByLabel('Days', { exact: true }).fill('5000')
  await page.getByLabel('Uses an hour', { exact: true }).fill('many')
  await page.getByRole('button', { name: 'Make the key', exact: true }).click()

  await expect(page.getByRole('alert')).toContainText('Days: a number from 1 to 3650.')
  await expect(page.getByRole('alert')).toContainText('Uses an hour: a number from 1 to 1,000,000.')
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Ten days')
  await expect(page.getByRole('checkbox', { name: 'workflow:read', exact: true })).toBeChecked()
  await expect(page.getByRole('checkbox', { name: 'automation:read', exact: true })).toBeChecked()
  await expect(page.getByRole('checkbox', { name: 'workflow:execute', exact: true })).not.toBeChecked()
  await expect(page.getByLabel('It lives for', { exact: true })).toHaveValue('custom')
  await expect(page.getByLabel('Days', { exact: true })).toHaveValue('5000')
  await expect(page.getByLabel('Days', { exact: true })).toHaveAttribute('aria-invalid', 'true')
  await look(page)

  await page.getByLabel('Days', { exact: true }).fill('10')
  await page.getByLabel('Uses an hour', { exact: true }).fill('60')
  await page.getByRole('button', { name: 'Make the key', exact: true }).click()
  await shown(page)
  const row = page.getByRole('row').filter({ hasText: 'Ten days' })
  await expect(row).toContainText('automation:read, workflow:read')
  const day = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10)
  await expect(row.locator(`time[datetime^="${day}"]`)).toBeAttached()
})

test('a key gets another name, other permissions and another limit, and no wrong ones', async ({ page, portal, person, look }) => {
  await signedIn(page, person)
  const key = await made(page, 'Old name', ['workflow:read', 'workflow:execute'])
  await atKey(page, 'Old name')
  await page.getByLabel('Name', { exact: true }).fill('')
  await page.getByLabel('Uses an hour', { exact: true }).fill('0')
  await page.getByRole('checkbox', { name: 'workflow:execute', exact: true }).uncheck()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('Uses an hour: a number from 1 to 1,000,000.')
  await expect(page.getByLabel('Uses an hour', { exact: true })).toHaveValue('0')
  await expect(page.getByRole('checkbox', { name: 'workflow:execute', exact: true })).not.toBeChecked()
  await expect(page.getByRole('checkbox', { name: 'workflow:read', exact: true })).toBeChecked()
  await look(page)
  expect((await use(portal, key)).me.user.permissions).toEqual(['workflow:execute', 'workflow:read'])

  await page.getByLabel('Name', { exact: true }).fill('New name')
  await page.getByLabel('Uses an hour', { exact: true }).fill('250')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('status')).toHaveText('The key is saved.')
  await expect(page.getByRole('heading', { level: 2, name: 'New name', exact: true })).toBeVisible()
  await expect(page.getByLabel('Uses an hour', { exact: true })).toHaveValue('250')
  await expect.poll(async () => (await use(portal, key)).me.user.permissions).toEqual(['workflow:read'])
  // No box at all is a choice, too.
  await page.getByRole('checkbox', { name: 'workflow:read', exact: true }).uncheck()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('status')).toHaveText('The key is saved.')
  await expect(page.getByRole('checkbox', { name: 'workflow:read', exact: true })).not.toBeChecked()
  await expect.poll(async () => (await use(portal, key)).me.user.permissions).toEqual([])
})

test('a key is rolled with a day for both, another at once, and revoked', async ({ page, portal, person, look }) => {
  await signedIn(page, person)
  const first = await made(page, 'Rolled', ['workflow:read'])
  await atKey(page, 'Rolled')
  await page.getByLabel('The old key ends', { exact: true }).selectOption('After 24 hours')
  await page.getByRole('button', { name: 'Make a new key', exact: true }).click()
  const second = await shown(page)
  expect(second).not.toBe(first)
  for (const key of [first, second]) expect((await use(portal, key)).status).toBe(200)
  const old = page.getByRole('row').filter({ hasText: first.slice(-4) })
  await expect(old).toContainText(/ends in 2[34] h/)
  await look(page)

  const young = page.getByRole('row').filter({ hasText: second.slice(-4) })
  await young.getByRole('link', { name: 'Rolled', exact: true }).click()
  await page.getByLabel('The old key ends', { exact: true }).selectOption('At once')
  await page.getByRole('button', { name: 'Make a new key', exact: true }).click()
  const third = await shown(page)
  await refused(portal, second)
  expect((await use(portal, third)).me.user.permissions).toEqual(['workflow:read'])

  await page.getByRole('row').filter({ hasText: third.slice(-4) }).getByRole('link', { name: 'Rolled', exact: true }).click()
  await page.getByRole('main').locator('summary').filter({ hasText: 'Revoke' }).click()
  await look(page)
  await page.getByRole('button', { name: 'Revoke it now', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('The key is revoked')
  await expect(page.getByRole('row').filter({ hasText: third.slice(-4) })).toContainText('Revoked')
  await refused(portal, third)
  expect((await use(portal, first)).status).toBe(200)
})

test('an admin finds a key among all, and revokes it with a reason that is written down', async ({ page, portal, person, elsewhere, look }) => {
  const theirs = await elsewhere.newPage()
  await theirs.goto('/login')
  await signIn(theirs, person)
  await expect(theirs).toHaveURL(/\/account$/)
  const name = `Leaky ${person.email.split('@')[0]}`
  const key = await made(theirs, name, ['workflow:read'])

  const admin = await asAdmin(page, portal)
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'API keys', exact: true }).click()
  await expect(page).toHaveURL(/\/admin\/keys$/)
  await look(page)
  await page.getByRole('searchbox').fill(person.email)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await expect(page.getByRole('row').filter({ hasText: name })).toBeVisible()
  await page.getByRole('link', { name: 'Revoked', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'No key like that' })).toBeVisible()
  await look(page)
  await page.getByRole('link', { name: 'Never used', exact: true }).click()
  await expect(page).toHaveURL(/used=never/)
  const row = page.getByRole('row').filter({ hasText: name })
  await row.getByLabel(`Revoke ${name}`, { exact: true }).click()
  await look(page)
  await row.getByLabel('Reason', { exact: true }).fill('x'.repeat(201))
  await row.getByRole('button', { name: 'Revoke it now', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('This is too long.')
  await expect(page.getByLabel('Reason', { exact: true })).toHaveValue('x'.repeat(201))
  await expect(page).toHaveURL(/used=never/)
  await look(page)
  await page.getByLabel('Reason', { exact: true }).fill('seen in a chat')
  await page.getByRole('button', { name: 'Revoke it now', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('The key is revoked')
  await refused(portal, key)
  const { text } = await portal.letter(person, 3)
  expect(text).toContain('key')

  await page.goto(`/admin/audit?action=api_key.revoked&actor=${encodeURIComponent(admin.email)}`)
  await page.getByRole('link', { name: `${admin.email} revoked an API key.`, exact: true }).click()
  await expect(page.getByLabel('The row as JSON')).toContainText('"reason": "seen in a chat"')
})

test('the page of an account has its keys, for those who may look after keys', async ({ page, portal, person, elsewhere, look }) => {
  const theirs = await elsewhere.newPage()
  await theirs.goto('/login')
  await signIn(theirs, person)
  await expect(theirs).toHaveURL(/\/account$/)
  await asAdmin(page, portal)
  await page.goto(`/admin/users?q=${encodeURIComponent(person.email)}`)
  await page.getByRole('link', { name: person.email, exact: true }).click()
  const tab = page.getByRole('navigation', { name: 'About this account' }).getByRole('link', { name: 'Keys', exact: true })
  await tab.click()
  await expect(page.getByRole('main')).toContainText('No program has a key of theirs.')
  await look(page)

  const key = await made(theirs, 'Theirs', ['workflow:read'])
  await tab.click()
  await page.getByLabel('Revoke Theirs', { exact: true }).click()
  await expect(page.getByRole('main')).toContainText('its owner gets a letter')
  await look(page)
  await page.getByLabel('Reason', { exact: true }).fill('no longer here')
  await page.getByRole('button', { name: 'Revoke it now', exact: true }).click()
  await expect(page).toHaveURL(/tab=keys/)
  await expect(page.getByRole('status')).toContainText('The key is revoked')
  await expect(page.getByRole('row').filter({ hasText: 'Theirs' })).toContainText('Revoked')
  await refused(portal, key)
})

test('a key of an organisation stops when its member leaves, until another admin takes it over', async ({ page, portal, person, elsewhere, look }) => {
  const admin = await asAdmin(page, portal)
  const name = `Acme ${person.email.split('@')[0]}`
  await page.goto('/admin/tenants')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('button', { name: 'Add organisation', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name)
  const id = new URL(page.url()).pathname.split('/').at(-1)!
  await page.getByRole('navigation', { name: 'Organisation pages' }).getByRole('link', { name: 'Keys', exact: true }).click()
  await expect(page.getByRole('main')).toContainText('you are none here')
  await look(page)
  for (const email of [person.email, admin.email]) {
    await page.goto(`/admin/tenants/${id}`)
    await page.getByLabel('Email', { exact: true }).fill(email)
    await page.getByRole('button', { name: 'Add member', exact: true }).click()
    await expect(page.getByRole('status')).toContainText('They are a member from now on.')
  }
  await page.getByRole('link', { name: person.email, exact: true }).click()
  await page.getByLabel('Beside the role', { exact: true }).fill('tenant:manage')
  await page.getByRole('button', { name: 'See what would change', exact: true }).click()
  await page.getByRole('button', { name: 'Save rights', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('What they may do here is changed.')

  const theirs = await elsewhere.newPage()
  await theirs.goto('/login')
  await signIn(theirs, person)
  await expect(theirs).toHaveURL(/\/account$/)
  await theirs.goto(`/admin/tenants/${id}/keys`)
  await expect(theirs.getByRole('heading', { name: 'No keys yet' })).toBeVisible()
  await theirs.getByRole('link', { name: 'New key', exact: true }).click()
  await look(theirs)
  await theirs.getByRole('checkbox', { name: 'workflow:read', exact: true }).check()
  await theirs.getByRole('button', { name: 'Make the key', exact: true }).click()
  await expect(theirs.getByRole('alert')).toContainText('This is needed.')
  await expect(theirs.getByRole('checkbox', { name: 'workflow:read', exact: true })).toBeChecked()
  await theirs.getByLabel('Name', { exact: true }).fill('Deploy')
  await theirs.getByRole('button', { name: 'Make the key', exact: true }).click()
  await expect(theirs).toHaveURL(new RegExp(`/admin/tenants/${id}/keys\\?flash=`))
  const key = await shown(theirs)
  await look(theirs)
  const { me } = await use(portal, key)
  expect([me.user.tenantId, me.user.permissions]).toEqual([id, ['workflow:read']])

  await page.goto(`/admin/tenants/${id}/settings`)
  await expect(page.getByRole('main')).toContainText('1 API key ends')
  await page.goto(`/admin/tenants/${id}?q=${encodeURIComponent(person.email)}`)
  await page.getByRole('link', { name: person.email, exact: true }).click()
  await expect(page.getByRole('main')).toContainText('1 API key stops with it')
  await page.getByText('Remove from this organisation', { exact: true }).click()
  await page.getByRole('button', { name: 'Remove member', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('do not belong to this organisation any more')
  await refused(portal, key)
  expect((await theirs.goto(`/admin/tenants/${id}/keys`))?.status()).toBe(404)

  await page.getByRole('navigation', { name: 'Organisation pages' }).getByRole('link', { name: 'Keys', exact: true }).click()
  await expect(page.getByRole('row').filter({ hasText: 'Deploy' })).toContainText('Stopped')
  await look(page)
  await page.getByRole('link', { name: 'Deploy', exact: true }).click()
  await expect(page.getByRole('main')).toContainText('It may do, by your rights from then on: workflow:read.')
  await look(page)
  await page.getByRole('button', { name: 'Answer for this key', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('You answer for the key from now on')
  await expect.poll(async () => (await use(portal, key)).status).toBe(200)
  await page.getByLabel('The old key ends', { exact: true }).selectOption('At once')
  await page.getByRole('button', { name: 'Make a new key', exact: true }).click()
  const next = await shown(page)
  await refused(portal, key)
  expect((await use(portal, next)).me.user.tenantId).toBe(id)
})

test('whoever finds a key ends it, and learns nothing', async ({ page, portal, person, elsewhere, look }) => {
  const theirs = await elsewhere.newPage()
  await theirs.goto('/login')
  await signIn(theirs, person)
  await expect(theirs).toHaveURL(/\/account$/)
  const key = await made(theirs, 'Pushed to a repository', [])

  const security = await (await fetch(`${portal.url}/.well-known/security.txt`)).text()
  await page.goto(/http\S+\/leaked-key/.exec(security)![0])
  await look(page)
  await page.getByLabel('Key', { exact: true }).fill('wks_test_something')
  await page.getByRole('button', { name: 'End this key', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('This is not written as a key is')
  await expect(page.getByLabel('Key', { exact: true })).toHaveValue('')
  await look(page)
  const told: string[] = []
  for (let times = 0; times < 2; times += 1) {
    await page.getByLabel('Key', { exact: true }).fill(`  ${key} `)
    await page.getByRole('button', { name: 'End this key', exact: true }).click()
    await expect(page.getByRole('status')).toContainText('If that was a key of this portal, it opens nothing any more')
    expect(page.url()).not.toContain(key)
    expect(await page.content()).not.toContain(key.slice(9, 60))
    told.push(await page.getByRole('main').innerText())
  }
  expect(told[0]).toBe(told[1])
  await look(page)
  await refused(portal, key)
  expect(portal.program.output).not.toContain(key.slice(9, 60))
})
