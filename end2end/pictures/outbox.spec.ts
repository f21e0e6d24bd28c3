import type { Page, TestInfo } from '@playwright/test'
import { join } from 'node:path'
import { Portal } from '../support/portal.ts'
import { expect, test } from '../support/story.ts'

async function picture(page: Page, info: TestInfo, state: string): Promise<void> {
  const path = join(import.meta.dirname, '../../target/pictures', `${state}.${info.project.name}.png`)
  await page.waitForLoadState()
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}

test('outbox', async ({ page }, info) => {
  // Letters go nowhere: nobody listens there. To somebody who has no such address yet, they need not.
  const portal = await Portal.start({
    GATEHOUSE_MAIL__TRANSPORT: 'smtp',
    GATEHOUSE_MAIL__SMTP__HOST: '127.0.0.1',
    GATEHOUSE_MAIL__SMTP__PORT: '9',
    GATEHOUSE_MAIL__FROM: 'Gatehouse <no-reply@example.com>',
  })
  const person = { email: 'admin@example.com', password: 'violet-anchor-73-meadow' }
  await portal.createAdmin(person)
  await page.goto(`${portal.url}/login`)
  await page.getByLabel('Email', { exact: true }).fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(/\/account$/)
  await page.goto(`${portal.url}/admin/outbox`)
  await picture(page, info, 'outbox-empty')

  await page.getByRole('button', { name: 'Send a test letter' }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await portal.post('/api/auth/resend-verification', { email: 'nobody@example.com' })
  await portal.post('/api/auth/register', portal.stranger())
  await expect(async () => {
    await page.goto(`${portal.url}/admin/outbox`)
    await expect(page.getByText('Not needed').nth(1)).toBeVisible()
    await expect(page.getByText('tried once').first()).toBeVisible()
  }).toPass()
  await picture(page, info, 'outbox')
  await portal.stop()
})
