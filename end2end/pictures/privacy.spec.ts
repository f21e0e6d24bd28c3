import type { Page, TestInfo } from '@playwright/test'
import { join } from 'node:path'
import { linkIn, Portal } from '../support/portal.ts'
import { expect, signedIn, signIn, test } from '../support/story.ts'

async function picture(page: Page, info: TestInfo, state: string): Promise<void> {
  const path = join(import.meta.dirname, '../../target/pictures', `${state}.${info.project.name}.png`)
  await page.waitForLoadState()
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}

test('privacy', async ({ page }, info) => {
  const portal = await Portal.start({
    GATEHOUSE_CONSENTS__TERMS__VERSION: '2026-01',
    GATEHOUSE_CONSENTS__TERMS__URL: 'https://example.com/terms',
    GATEHOUSE_CONSENTS__TERMS__REQUIRED: 'true',
    GATEHOUSE_CONSENTS__AI_INTERACTION__VERSION: '1',
    GATEHOUSE_CONSENTS__AI_INTERACTION__URL: 'https://example.com/ai',
  })
  const person = await portal.joined()
  await page.goto(`${portal.url}/login`)
  await signIn(page, person)
  await expect(page).toHaveURL(/\/consent/)
  await picture(page, info, 'consent')
  await page.getByRole('button', { name: 'Agree and go on' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await picture(page, info, 'consent-error')
  await page.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Agree and go on' }).click()
  await page.goto(`${portal.url}/account/privacy`)
  await picture(page, info, 'privacy')
  await page.getByRole('button', { name: 'Agree: Artificial intelligence' }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await picture(page, info, 'privacy-agreed')
  await portal.stop()
})

test('leaving', async ({ page, portal, person }, info) => {
  await signedIn(page, person)
  await page.goto('/account/privacy')
  await picture(page, info, 'privacy-empty')
  await page.goto('/account/delete')
  await picture(page, info, 'delete')
  await page.getByRole('button', { name: 'Delete my account' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await picture(page, info, 'delete-error')
  await page.getByLabel('Type your e-mail address').fill(person.email)
  await page.getByRole('button', { name: 'Delete my account' }).click()
  await expect(page).toHaveURL(/\/login/)
  await picture(page, info, 'deleted')
  const letter = await portal.letter(person, 2)
  await page.goto(linkIn(letter))
  await picture(page, info, 'undo-deletion')
  await page.goto('/undo-deletion?token=wrong')
  await picture(page, info, 'undo-deletion-dead-link')
  await page.goto('about:blank')
  await page.setContent(letter.html)
  await picture(page, info, 'letter-deletion')
})
