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

test('organisations', async ({ page }, info) => {
  const portal = await Portal.start()
  const admin = { email: 'admin@example.com', password: 'violet-anchor-73-meadow' }
  await portal.createAdmin(admin)
  const person = await portal.joined()
  await page.goto(`${portal.url}/login`)
  await signIn(page, admin)
  await page.goto(`${portal.url}/admin/tenants`)
  await picture(page, info, 'tenants-none')
  for (const name of ['Northwind Traders', 'Müller & Söhne, Werkzeugbau und Metallverarbeitung in dritter Generation']) {
    await page.goto(`${portal.url}/admin/tenants`)
    await page.getByLabel('Name', { exact: true }).fill(name)
    await page.getByRole('button', { name: 'Add organisation', exact: true }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name)
  }
  const id = new URL(page.url()).pathname.split('/').at(-1)!
  await picture(page, info, 'tenant-empty')
  await page.goto(`${portal.url}/admin/tenants`)
  await picture(page, info, 'tenants')

  for (const email of [person.email, admin.email]) {
    await page.goto(`${portal.url}/admin/tenants/${id}`)
    await page.getByLabel('Email', { exact: true }).fill(email)
    await page.getByRole('button', { name: 'Add member', exact: true }).click()
    await expect(page.getByRole('status')).toBeVisible()
  }
  await picture(page, info, 'tenant-members')
  await page.getByRole('link', { name: person.email, exact: true }).click()
  await page.getByLabel('Beside the role', { exact: true }).fill('tenant:manage\nworkflow:execute')
  await page.getByRole('button', { name: 'See what would change', exact: true }).click()
  await picture(page, info, 'tenant-member-preview')
  await page.getByRole('button', { name: 'Save rights', exact: true }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await page.getByText('Remove from this organisation', { exact: true }).click()
  await picture(page, info, 'tenant-member')
  await page.goto(`${portal.url}/admin/tenants/${id}/invitations`)
  await page.getByLabel('Email addresses', { exact: true }).fill('grace@example.com nope')
  await page.getByRole('button', { name: 'Send invitations', exact: true }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await picture(page, info, 'tenant-invitations')
  await page.goto(`${portal.url}/admin/tenants/${id}/settings`)
  await picture(page, info, 'tenant-settings')
  await page.goto(`${portal.url}/account/tenants`)
  await page.getByRole('main').locator('summary').first().click()
  await picture(page, info, 'own-tenants')
  await portal.stop()
})
