import { Portal } from '../support/portal.ts'
import { awake, expect, test } from '../support/story.ts'

test('whoever waits for a letter sees when another may be asked for', async ({ page }) => {
  const portal = await Portal.start({ GATEHOUSE_LIMITS__MULTIPLIER: '1' })
  const person = portal.stranger()
  await page.clock.install()
  await page.goto(`${portal.url}/login`)
  await page.getByLabel('Email', { exact: true }).fill(person.email)
  await page.getByRole('button', { name: 'Email me a code instead', exact: true }).click()
  await awake(page)

  const again = page.getByRole('button', { name: 'send another', exact: true })
  await expect(again).toBeDisabled()
  await expect(page.getByText(/in \d\d s/)).toBeVisible()
  await page.clock.runFor(31_000)
  await expect(again).toBeEnabled()
  await expect(page.getByText(/in \d+ s/)).toHaveCount(0)
  await portal.stop()
})
