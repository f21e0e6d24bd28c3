import type { Locator, Page } from '@playwright/test'
import { expect, signedIn, test } from '../support/story.ts'

/** Tab until it has focus; on the way nothing may trap it, and at the end the focus must show. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 12; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      const drawn = await target.evaluate((element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
      })
      expect(drawn, 'the focus shows').toBe(true)
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never reaches ${target}`)
}

test('signing in needs no mouse', async ({ page, person }) => {
  await page.goto('/login')

  await tabTo(page, page.getByLabel('Email', { exact: true }))
  await page.keyboard.type(person.email)
  await tabTo(page, page.getByLabel('Password', { exact: true }))
  await page.keyboard.type(person.password)
  await tabTo(page, page.getByRole('button', { name: 'Sign in', exact: true }))
  await page.keyboard.press('Enter')

  await expect(page).toHaveURL(/\/account$/)
})

test('Enter in the last field sends the form', async ({ page, person }) => {
  await page.goto('/login')
  await page.getByLabel('Email', { exact: true }).fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)

  await page.keyboard.press('Enter')

  await expect(page).toHaveURL(/\/account$/)
})

test('the first Tab offers to skip the navigation', async ({ page, person }) => {
  await signedIn(page, person)
  await page.goto('/account')

  await page.keyboard.press('Tab')

  await expect(page.getByRole('link', { name: /^skip to/i })).toBeFocused()
})
