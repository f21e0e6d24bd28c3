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

test('the administration', async ({ page }, info) => {
  const portal = await Portal.start()
  const admin = { email: 'admin@example.com', password: 'violet-anchor-73-meadow' }
  await portal.createAdmin(admin)
  const [ada, bob] = [await portal.joined(), await portal.joined()] as const
  for (const password of ['wrong-battery-91-saddle', ada.password]) {
    const headers = { 'Content-Type': 'application/json' }
    const body = JSON.stringify({ email: ada.email, password })
    await fetch(`${portal.url}/api/auth/login`, { method: 'POST', headers, body })
  }
  await page.goto(`${portal.url}/login`)
  await signIn(page, admin)
  await expect(page).toHaveURL(/\/account$/)

  await page.goto(`${portal.url}/admin`)
  await picture(page, info, 'dashboard')
  await page.goto(`${portal.url}/admin?days=7`)
  await page.getByText('The numbers as a table').click()
  await picture(page, info, 'dashboard-table')
  await page.goto(`${portal.url}/admin/settings`)
  await picture(page, info, 'settings')
  await page.goto(`${portal.url}/admin/settings?q=nothing-like-that`)
  await picture(page, info, 'settings-none')
  await page.goto(`${portal.url}/admin/users?q=${'x'.repeat(300)}`)
  await picture(page, info, 'users-too-much')

  await page.goto(`${portal.url}/admin/users?sort=email`)
  await page.getByRole('checkbox', { name: `Select ${ada.email}` }).check()
  await page.getByRole('checkbox', { name: `Select ${bob.email}` }).check()
  await page.getByRole('checkbox', { name: `Select ${admin.email}` }).check()
  await page.getByRole('button', { name: 'Look it over', exact: true }).click()
  await picture(page, info, 'users-act')
  await page.getByRole('combobox', { name: 'For how long' }).selectOption('7 days')
  await page.getByRole('button', { name: 'Suspend 2 accounts', exact: true }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await picture(page, info, 'users-acted')
  await page.goto(`${portal.url}/admin/users/act`)
  await picture(page, info, 'users-act-nobody')

  await page.goto(`${portal.url}/admin/users?q=${encodeURIComponent(ada.email)}`)
  await page.getByRole('link', { name: ada.email, exact: true }).click()
  await picture(page, info, 'user-suspended')
  await page.getByRole('link', { name: 'Danger zone', exact: true }).click()
  await picture(page, info, 'user-danger-suspended')
  await page.getByLabel('Type the account’s e-mail address').fill(ada.email)
  await page.getByRole('button', { name: 'Delete account', exact: true }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await picture(page, info, 'user-leaving')
  await portal.stop()
})
