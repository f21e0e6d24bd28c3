import type { Page, TestInfo } from '@playwright/test'
import { join } from 'node:path'
import { linkIn } from '../support/portal.ts'
import { expect, signedIn, test } from '../support/story.ts'

async function picture(page: Page, info: TestInfo, state: string): Promise<void> {
  const path = join(import.meta.dirname, '../../target/pictures', `${state}.${info.project.name}.png`)
  await page.waitForLoadState()
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}

test('reset', async ({ page, portal, person }, info) => {
  await page.goto('/forgot-password')
  await picture(page, info, 'forgot-password')
  await page.getByLabel('Email', { exact: true }).fill(person.email)
  await page.getByRole('button', { name: 'Send letter', exact: true }).click()
  await expect(page).toHaveURL(/\/reset-password$/)
  await picture(page, info, 'reset-code')
  const letter = await portal.letter(person, 2)
  await page.goto(linkIn(letter))
  await picture(page, info, 'reset-choose')
  await page.getByRole('button', { name: 'Save new password', exact: true }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await picture(page, info, 'reset-errors')
  await page.goto('/reset-password?token=wrong')
  await picture(page, info, 'reset-dead-link')

  // Away from the portal, whose policy would take the letter's own styles from it.
  await page.goto('about:blank')
  await page.setContent(letter.html)
  await picture(page, info, 'letter-reset')
})

test('security', async ({ page, portal, person }, info) => {
  await signedIn(page, person)
  await page.goto('/account/security')
  await picture(page, info, 'security')
  await page.getByLabel('Current password', { exact: true }).fill(person.password)
  await page.getByLabel('New password', { exact: true }).fill('copper-lantern-58-harbour')
  await page.getByLabel('Confirm new password', { exact: true }).fill('copper-lantern-58-harbour')
  await page.getByRole('button', { name: 'Change password', exact: true }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await picture(page, info, 'security-changed')

  const letter = await portal.letter(person, 2)
  await page.goto('about:blank')
  await page.setContent(letter.html)
  await picture(page, info, 'letter-password-changed')
})
