import type { Page, TestInfo } from '@playwright/test'
import { join } from 'node:path'
import { linkIn, Portal } from '../support/portal.ts'
import { expect, foreignSignIn, register, signedIn, signIn, test } from '../support/story.ts'

async function picture(page: Page, info: TestInfo, state: string): Promise<void> {
  const path = join(import.meta.dirname, '../../target/pictures', `${state}.${info.project.name}.png`)
  await page.waitForLoadState()
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}

test('set-up', async ({ page, freshPortal }, info) => {
  await page.goto(await freshPortal.setUpLink())
  await picture(page, info, 'setup')
  await page.goto(`${freshPortal.url}/setup?token=wrong`)
  await picture(page, info, 'setup-dead-link')
})

test('register', async ({ page, portal, elsewhere }, info) => {
  const person = portal.stranger()
  await page.goto('/register')
  await picture(page, info, 'register')
  await register(page, { ...person, password: 'passwordpassword' })
  await expect(page.getByRole('alert')).toBeVisible()
  await picture(page, info, 'register-errors')
  await register(page, person)
  await expect(page).toHaveURL(/\/verify-email/)
  await picture(page, info, 'verify-code')

  const link = linkIn(await portal.letter(person))
  await page.goto(link)
  await picture(page, info, 'verify-link')
  const other = await elsewhere.newPage()
  await other.goto(link)
  await picture(other, info, 'verify-link-elsewhere')
  await page.goto('/verify-email?token=wrong')
  await picture(page, info, 'verify-dead-link')
})

test('sign in', async ({ page, person }, info) => {
  await page.goto('/login')
  await picture(page, info, 'login')
  await signIn(page, { ...person, password: 'wrong-battery-91-saddle' })
  await expect(page.getByRole('alert')).toBeVisible()
  await picture(page, info, 'login-error')
  await signedIn(page, person)
  await picture(page, info, 'account')
  await page.goto('/step-up?next=/account')
  await picture(page, info, 'step-up')
  await page.getByLabel('Password', { exact: true }).fill('wrong-battery-91-saddle')
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await picture(page, info, 'step-up-error')
  await page.goto('/logout')
  await picture(page, info, 'logout')
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await expect(page).toHaveURL(/\/login/)
  await picture(page, info, 'signed-out')
})

test('mails', async ({ page, portal, person }, info) => {
  await register(page, person)
  await portal.letter(person, 2)
  await page.goto('/dev/mailbox')
  await picture(page, info, 'mailbox')
  await page.getByRole('main').getByRole('link').first().click()
  await expect(page).toHaveURL(/\/dev\/mailbox\/./)
  await picture(page, info, 'mailbox-letter')

  // Away from the portal, whose policy would take the letters' own styles from them.
  await page.goto('about:blank')
  for (const [index, { html }] of (await portal.letters(person)).entries()) {
    await page.setContent(html)
    await picture(page, info, ['letter-known-address', 'letter-verify'][index]!)
  }
})

test('errors', async ({ page, portal, person }, info) => {
  await page.goto('/nowhere')
  await picture(page, info, 'error-404')
  await foreignSignIn(page, portal, person)
  await picture(page, info, 'error-403')
})

test('too many', async ({ page }, info) => {
  const strict = await Portal.start({ GATEHOUSE_LIMITS__MULTIPLIER: '1' })
  const person = strict.stranger()
  for (let tries = 0; tries < 12; tries += 1) {
    await page.goto(`${strict.url}/login`)
    await signIn(page, person)
    await page.waitForLoadState()
    if (await page.getByText(/too many/i).first().isVisible()) break
  }
  await expect(page.getByText(/too many/i).first()).toBeVisible()
  await picture(page, info, 'too-many-tries')
  await strict.stop()
})
