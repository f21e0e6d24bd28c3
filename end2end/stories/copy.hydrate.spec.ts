import { awake, expect, signedIn, test } from '../support/story.ts'

test('values and code are copied as they stand', async ({ page, person, portal, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await signedIn(page, person)
  await page.goto('/integrate')
  await awake(page)
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText())

  await page.getByRole('button', { name: 'Copy Issuer', exact: true }).click()
  await expect(page.getByText('Copied.')).toBeAttached()
  expect(await clipboard()).toBe(portal.url)

  await page.getByRole('button', { name: 'Copy the code for Python', exact: true }).click()
  await expect.poll(clipboard).toContain(`verifier = Verifier("${portal.url}")`)
})

test('where the browser has no clipboard, what is to be copied is selected', async ({ page, person, portal }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
  await signedIn(page, person)
  await page.goto('/integrate')
  await awake(page)

  await page.getByRole('button', { name: 'Copy Issuer', exact: true }).click()

  await expect(page.getByText('Selected: copy it with your keyboard.')).toBeAttached()
  expect(await page.evaluate(() => getSelection()!.toString())).toBe(portal.url)
})
