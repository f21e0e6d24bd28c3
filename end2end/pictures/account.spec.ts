import { expect } from '@playwright/test'
import { join } from 'node:path'
import type { Page, TestInfo } from '@playwright/test'
import { linkIn } from '../support/portal.ts'
import { signedIn, signIn, test } from '../support/story.ts'

async function picture(page: Page, info: TestInfo, state: string): Promise<void> {
  const path = join(import.meta.dirname, '../../target/pictures', `${state}.${info.project.name}.png`)
  await page.waitForLoadState()
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}

test('account', async ({ page, portal, person, elsewhere }, info) => {
  const next = portal.stranger()
  await page.goto('/login')
  await signIn(page, { ...person, password: 'wrong-battery-91-saddle' })
  await signedIn(page, person)
  await page.getByLabel('First name', { exact: true }).fill('Ada')
  await page.getByLabel('Last name', { exact: true }).fill('Lovelace')
  await page.getByRole('button', { name: 'Save profile' }).click()
  await picture(page, info, 'account-saved')
  await page.getByLabel('New email', { exact: true }).fill(next.email)
  await page.getByRole('button', { name: 'Change e-mail', exact: true }).click()
  await picture(page, info, 'account-email-waiting')

  const link = linkIn(await portal.letter(next))
  const other = await elsewhere.newPage()
  await other.goto(link)
  await picture(other, info, 'change-email-elsewhere')
  await page.goto(link)
  await picture(page, info, 'change-email')
  await page.getByRole('button', { name: 'Confirm new address' }).click()
  await expect(page).toHaveURL(/\/account/)
  await page.goto('/account/activity')
  await picture(page, info, 'activity')
  await page.getByRole('link', { name: /This wasn’t me: You signed in/ }).first().click()
  await picture(page, info, 'activity-event')
  const undo = linkIn(await portal.letter(person, 3))
  await other.goto(undo)
  await picture(other, info, 'undo-email')
  await other.getByRole('button', { name: 'Take my account back' }).click()
  await picture(other, info, 'undo-email-done')
  await other.goto('/change-email?token=wrong')
  await picture(other, info, 'change-email-dead')

  await other.goto('about:blank')
  for (const letter of [...(await portal.letters(person)), ...(await portal.letters(next))]) {
    await other.setContent(letter.html)
    await picture(other, info, `letter-${letter.subject.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`)
  }
})
