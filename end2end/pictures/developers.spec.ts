import type { Page, TestInfo } from '@playwright/test'
import { join } from 'node:path'
import { accessToken, expect, test } from '../support/story.ts'

async function picture(page: Page, info: TestInfo, state: string): Promise<void> {
  const path = join(import.meta.dirname, '../../target/pictures', `${state}.${info.project.name}.png`)
  await page.waitForLoadState()
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}

test('developers and signing keys', async ({ page, freshPortal }, info) => {
  const person = { email: 'admin@example.com', password: 'violet-anchor-73-meadow' }
  await freshPortal.createAdmin(person)
  await page.goto(`${freshPortal.url}/login`)
  await page.getByLabel('Email', { exact: true }).fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(/\/account$/)
  await page.goto(`${freshPortal.url}/integrate`)
  await picture(page, info, 'developers')

  const check = async (token: string) => {
    await page.goto(`${freshPortal.url}/integrate/token`)
    await page.getByLabel('Token', { exact: true }).fill(token)
    await page.getByRole('button', { name: 'Check it' }).click()
    await expect(page.getByRole('region', { name: 'Checks' })).toBeVisible()
  }
  await page.goto(`${freshPortal.url}/integrate/token`)
  await picture(page, info, 'token')
  const token = await accessToken(page)
  await check(token)
  await picture(page, info, 'token-good')
  await check(`${token.slice(0, -9)}AAAAAAAAA`)
  await picture(page, info, 'token-refused')

  const keys = `${freshPortal.url}/admin/signing-keys`
  await page.goto(`${keys}/rotate`)
  await picture(page, info, 'signing-keys-rotate')
  await page.getByRole('button', { name: 'Rotate now' }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await picture(page, info, 'signing-keys')
  await page.goto(`${keys}/rotate`)
  await picture(page, info, 'signing-keys-too-soon')
  await page.goto(keys)
  await page.getByRole('link', { name: /^Revoke the current key/ }).first().click()
  await picture(page, info, 'signing-keys-revoke')
})
