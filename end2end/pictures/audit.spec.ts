import type { Page, TestInfo } from '@playwright/test'
import { join } from 'node:path'
import { expect, test } from '../support/story.ts'

async function picture(page: Page, info: TestInfo, state: string): Promise<void> {
  const path = join(import.meta.dirname, '../../target/pictures', `${state}.${info.project.name}.png`)
  await page.waitForLoadState()
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}

test('the audit log', async ({ page, freshPortal }, info) => {
  const person = { email: 'admin@example.com', password: 'violet-anchor-73-meadow' }
  await freshPortal.createAdmin(person)
  await page.goto(`${freshPortal.url}/login`)
  for (const password of ['not the password', person.password]) {
    await page.getByLabel('Email', { exact: true }).fill(person.email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }
  await expect(page).toHaveURL(/\/account$/)
  const log = `${freshPortal.url}/admin/audit`
  await page.goto(log)
  await picture(page, info, 'audit')
  await page.goto(`${log}?actor=admin@example.com&action=session.*`)
  await picture(page, info, 'audit-filtered')
  await page.goto(`${log}?actor=nobody@example.com`)
  await picture(page, info, 'audit-empty')
  await page.goto(`${log}?ip=nowhere&from=yesterday`)
  await picture(page, info, 'audit-wrong')
  await page.goto(`${log}?action=session.started`)
  await page.getByRole('link', { name: /signed in with a password/ }).first().click()
  await picture(page, info, 'audit-row')
})
