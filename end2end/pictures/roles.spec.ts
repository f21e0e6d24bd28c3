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

test('roles', async ({ page }, info) => {
  const portal = await Portal.start()
  const person = await portal.joined()
  const admin = portal.stranger()
  await portal.createAdmin(admin)
  await page.goto(`${portal.url}/login`)
  await signIn(page, admin)
  await expect(page).toHaveURL(/\/account$/)

  await page.goto(`${portal.url}/admin/presets`)
  await picture(page, info, 'presets')
  await page.getByRole('button', { name: 'Load clinic' }).click()
  await expect(page.getByRole('status')).toBeVisible()
  for (const [state, path] of [
    ['roles', '/admin/roles'],
    ['role-new', '/admin/roles/new'],
    ['role', '/admin/roles/user'],
    ['role-assigned', '/admin/roles/professional'],
    ['role-fixed', '/admin/roles/admin'],
    ['role-preview', '/admin/roles/user/preview?description=Reads&p=workflow.read&p=patient_data.read'],
    ['permissions', '/admin/permissions'],
    ['permission-remove', '/admin/permissions/patient_data:read/remove'],
  ] as const) {
    await page.goto(`${portal.url}${path}`)
    await picture(page, info, state)
  }

  await page.goto(`${portal.url}/admin/users?q=${encodeURIComponent(person.email)}`)
  await page.getByRole('link', { name: person.email, exact: true }).click()
  await page.getByRole('link', { name: 'Roles', exact: true }).last().click()
  await picture(page, info, 'user-roles')
  await page.getByLabel('Role', { exact: true }).selectOption('viewer')
  await page.getByRole('button', { name: 'See what would change' }).click()
  await picture(page, info, 'user-roles-preview')
  await portal.stop()
})
