import { accessToken, expect, signedIn, test } from '../support/story.ts'

test('everybody signed in finds what a service needs, with this portal in it', async ({ page, person, portal, look }) => {
  await signedIn(page, person)
  await page.getByRole('link', { name: 'Developers' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Developers' })).toBeVisible()

  await expect(page.getByLabel('Issuer', { exact: true })).toHaveValue(portal.url)
  await expect(page.getByLabel('Audience', { exact: true })).toHaveValue('workflow-api')
  await expect(page.getByLabel('Algorithm', { exact: true })).toHaveValue('ES256')
  const jwks = await page.getByLabel('Public keys (JWKS)', { exact: true }).inputValue()
  expect((await fetch(jwks)).status).toBe(200)
  const feed = await page.getByLabel('Revocation feed', { exact: true }).inputValue()
  expect((await fetch(feed)).headers.get('Content-Type')).toContain('application/jose')
  for (const name of ['Hono', 'axum', 'Python', 'By hand']) {
    await expect(page.getByRole('region', { name: `Code: ${name}` })).toContainText(portal.url)
  }
  await look(page)
})

test('a good token passes every check, an ended one says why not', async ({ page, person, look }) => {
  await signedIn(page, person)
  const token = await accessToken(page)
  await page.goto('/integrate')
  await page.getByRole('link', { name: 'Check a token' }).click()
  await look(page)

  await page.getByLabel('Token', { exact: true }).fill(`Bearer ${token}`)
  await page.getByRole('button', { name: 'Check it' }).click()
  await expect(page.getByRole('status')).toContainText('Services take this token')
  const checks = page.getByRole('region', { name: 'Checks' }).getByRole('listitem')
  await expect(checks.filter({ hasText: 'The signature is genuine.' })).toBeVisible()
  await expect(checks.filter({ hasText: 'Its session lives.' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Claims' })).toContainText(person.email)
  const signature = token.split('.')[2]!
  expect(await page.content()).not.toContain(signature)
  await look(page)

  await page.getByRole('button', { name: 'Sign out' }).click()
  await signedIn(page, person)
  await page.goto('/integrate/token')
  await page.getByLabel('Token', { exact: true }).fill(token)
  await page.getByRole('button', { name: 'Check it' }).click()
  await expect(page.getByRole('status')).toContainText('token_revoked')
  await look(page)
})

test('what is no token is told by what it looks like', async ({ page, person, look }) => {
  await signedIn(page, person)
  await page.goto('/integrate/token')
  await page.getByRole('button', { name: 'Check it' }).click()
  await expect(page.getByRole('alert')).toContainText('One field needs your attention.')
  await page.getByLabel('Token', { exact: true }).fill('wks_live_0123456789abcdef')
  await page.getByRole('button', { name: 'Check it' }).click()
  await expect(page.getByText('This is an API key and no token.')).toBeVisible()
  await look(page)
})
