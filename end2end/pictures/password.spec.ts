import type { Page, TestInfo } from '@playwright/test'
import { join } from 'node:path'
import { awake, expect, test } from '../support/story.ts'

async function picture(page: Page, info: TestInfo, state: string): Promise<void> {
  const path = join(import.meta.dirname, '../../target/pictures', `${state}.${info.project.name}.png`)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}

test('password strength', async ({ page }, info) => {
  await page.goto('/register')
  await awake(page)
  for (const [state, typed, words] of [
    ['short', 'three wet', /more characters/],
    ['weak', 'dragonmonkey', /easy to guess/i],
    ['good', 'two tall otter', /^(good|strong)\.$/i],
    ['strong', 'three wet otters sing', /strong/i],
  ] as const) {
    await page.getByLabel('Password', { exact: true }).fill(typed)
    await expect(page.locator('.strength-words')).toHaveText(words)
    await picture(page, info, `password-${state}`)
  }
})
