import { join } from 'node:path'
import type { Page, TestInfo } from '@playwright/test'
import { Portal } from '../support/portal.ts'
import { expect, signIn, test } from '../support/story.ts'

async function picture(page: Page, info: TestInfo, state: string): Promise<void> {
  const path = join(import.meta.dirname, '../../target/pictures', `${state}.${info.project.name}.png`)
  await page.waitForLoadState()
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}

/** Makes a key on the form that is open. */
async function make(page: Page, name: string, life: string): Promise<string> {
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('checkbox', { name: 'workflow:read', exact: true }).check()
  await page.getByLabel('It lives for', { exact: true }).selectOption(life)
  await page.getByRole('button', { name: 'Make the key', exact: true }).click()
  return page.getByLabel('Key', { exact: true }).inputValue()
}

test('keys', async ({ page }, info) => {
  const portal = await Portal.start()
  const admin = { email: 'admin@example.com', password: 'violet-anchor-73-meadow' }
  await portal.createAdmin(admin)
  const person = await portal.joined()
  await page.goto(`${portal.url}/login`)
  await signIn(page, admin)
  await page.goto(`${portal.url}/account/keys`)
  await picture(page, info, 'keys-none')
  await page.goto(`${portal.url}/account/keys/new`)
  await picture(page, info, 'key-new')
  await page.getByLabel('It lives for', { exact: true }).selectOption('As many days as I say')
  await page.getByRole('button', { name: 'Make the key', exact: true }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await picture(page, info, 'key-new-wrong')
  const key = await make(page, 'Nightly build of the documentation and everything that belongs to it', '7 days')
  await picture(page, info, 'key-made')
  await fetch(`${portal.url}/api/auth/me`, { headers: { 'X-API-Key': key } })
  await page.goto(`${portal.url}/account/keys/new`)
  await make(page, 'Deploy', 'It never expires')
  await page.goto(`${portal.url}/account/keys`)
  await page.getByRole('link', { name: 'Deploy', exact: true }).click()
  await page.getByRole('main').locator('summary').filter({ hasText: 'Revoke' }).click()
  await picture(page, info, 'key')
  await page.getByRole('button', { name: 'Make a new key', exact: true }).click()
  await expect(page.getByLabel('Key', { exact: true })).toBeVisible()
  await page.goto(`${portal.url}/account/keys`)
  await picture(page, info, 'keys')
  await page.goto(`${portal.url}/admin`)
  await picture(page, info, 'dashboard-keys')
  await page.goto(`${portal.url}/admin/keys`)
  await page.getByLabel('Revoke Deploy', { exact: true }).first().click()
  await picture(page, info, 'all-keys')
  await page.goto(`${portal.url}/admin/keys?status=suspended`)
  await picture(page, info, 'all-keys-none')
  await page.goto(`${portal.url}/admin/users?q=${encodeURIComponent(person.email)}`)
  await page.getByRole('link', { name: person.email, exact: true }).click()
  const tab = page.getByRole('navigation', { name: 'About this account' }).getByRole('link', { name: 'Keys', exact: true })
  await tab.click()
  await picture(page, info, 'user-keys-none')
  await page.goto(`${portal.url}/admin/users?q=${encodeURIComponent(admin.email)}`)
  await page.getByRole('link', { name: admin.email, exact: true }).click()
  await tab.click()
  await picture(page, info, 'user-keys')
  await portal.stop()
})

test('keys of an organisation', async ({ page }, info) => {
  const portal = await Portal.start()
  const admin = { email: 'admin@example.com', password: 'violet-anchor-73-meadow' }
  const leaving = { ...admin, email: 'leaving@example.com' }
  await portal.createAdmin(admin)
  await portal.createAdmin(leaving)
  await page.goto(`${portal.url}/login`)
  await signIn(page, leaving)
  await page.goto(`${portal.url}/admin/tenants`)
  await page.getByLabel('Name', { exact: true }).fill('Northwind Traders')
  await page.getByRole('button', { name: 'Add organisation', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Northwind Traders')
  const home = page.url().split('?')[0]!
  await page.goto(`${home}/keys`)
  await picture(page, info, 'tenant-keys-outside')
  for (const email of [admin.email, leaving.email]) {
    await page.goto(home)
    await page.getByLabel('Email', { exact: true }).fill(email)
    await page.getByRole('button', { name: 'Add member', exact: true }).click()
    await expect(page.getByRole('status')).toBeVisible()
  }
  await page.goto(`${home}/keys`)
  await picture(page, info, 'tenant-keys-none')
  await page.getByRole('link', { name: 'New key', exact: true }).click()
  await picture(page, info, 'tenant-key-new')
  await make(page, 'Deploy', '30 days')
  await picture(page, info, 'tenant-key-made')
  await page.goto(`${portal.url}/account/tenants`)
  await page.getByRole('main').locator('summary').first().click()
  await page.getByRole('button', { name: 'Leave this organisation', exact: true }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.goto(`${portal.url}/login`)
  await signIn(page, admin)
  await page.goto(`${home}/keys`)
  await picture(page, info, 'tenant-keys')
  await page.getByRole('link', { name: 'Deploy', exact: true }).click()
  await picture(page, info, 'tenant-key-stopped')
  await page.goto(`${home}/settings`)
  await picture(page, info, 'tenant-settings-keys')
  await portal.stop()
})

test('a key that was found', async ({ page }, info) => {
  const portal = await Portal.start()
  await page.goto(`${portal.url}/leaked-key`)
  await picture(page, info, 'leaked-key')
  await page.getByRole('button', { name: 'End this key', exact: true }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await picture(page, info, 'leaked-key-wrong')
  const nobodys = `wks_test_${'0'.repeat(64)}`
  await page.getByLabel('Key', { exact: true }).fill(nobodys + crc32(nobodys))
  await page.getByRole('button', { name: 'End this key', exact: true }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await picture(page, info, 'leaked-key-told')
  await portal.stop()
})

/** CRC-32 as zip and PNG have it, as 8 hex digits: what a key ends with. */
function crc32(text: string): string {
  let crc = 0xffffffff
  for (const byte of Buffer.from(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0')
}
