import { linkIn, Portal } from '../support/portal.ts'
import { expect, signedIn, signIn, test } from '../support/story.ts'

const TERMS = {
  GATEHOUSE_CONSENTS__TERMS__VERSION: '2026-01',
  GATEHOUSE_CONSENTS__TERMS__URL: 'https://example.com/terms',
  GATEHOUSE_CONSENTS__TERMS__REQUIRED: 'true',
  GATEHOUSE_CONSENTS__AI_INTERACTION__VERSION: '1',
  GATEHOUSE_CONSENTS__AI_INTERACTION__URL: 'https://example.com/ai',
}

test('a portal that asks for nothing says so', async ({ page, person, look }) => {
  await signedIn(page, person)
  await page.getByRole('link', { name: 'Privacy', exact: true }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'Privacy' })).toBeVisible()
  await expect(page.getByText('This portal has not asked you for anything.')).toBeVisible()
  await look(page)
})

test('whoever has not agreed is asked first, and can change their mind later', async ({ page, look }) => {
  const portal = await Portal.start(TERMS)
  const person = await portal.joined()
  await page.goto(`${portal.url}/account?tab=profile`)
  await signIn(page, person)
  await expect(page).toHaveURL(/\/consent\?next=/)
  await look(page)

  await page.getByRole('button', { name: 'Agree and go on' }).click()
  await expect(page.getByRole('alert')).toBeFocused()
  await look(page)
  await page.getByRole('checkbox', { name: /terms of use/ }).check()
  await page.getByRole('button', { name: 'Agree and go on' }).click()
  await expect(page).toHaveURL(/\/account\?tab=profile$/)

  await page.getByRole('link', { name: 'Privacy', exact: true }).click()
  await page.getByRole('button', { name: 'Agree: Artificial intelligence' }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await look(page)
  await page.getByRole('button', { name: 'Take back: Artificial intelligence' }).click()
  await expect(page.getByText('Taken back')).toBeVisible()
  await expect(page.getByRole('button', { name: /Take back: Terms/ })).toHaveCount(0)
  await portal.stop()
})

test('everything about oneself is a file to keep', async ({ page, person }) => {
  await signedIn(page, person)
  await page.goto('/account/privacy')

  const downloading = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download my data' }).click()
  const download = await downloading

  expect(download.suggestedFilename()).toBe('my-account.json')
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
  const file = JSON.parse(Buffer.concat(chunks).toString()) as { account: { email: string } }
  expect(file.account.email).toBe(person.email)
})

test('an account is deleted by typing its address, and kept by the letter', async ({ page, portal, person, elsewhere, look }) => {
  await signedIn(page, person)
  await page.goto('/account/privacy')
  await page.getByRole('link', { name: /Delete my account/ }).click()
  await expect(page.getByText('What is kept')).toBeVisible()
  await look(page)
  await page.getByLabel('Type your e-mail address').fill('somebody@example.com')
  await page.getByRole('button', { name: 'Delete my account' }).click()
  await expect(page.getByRole('alert')).toBeFocused()
  await look(page)

  await page.getByLabel('Type your e-mail address').fill(person.email)
  await page.getByRole('button', { name: 'Delete my account' }).click()
  await expect(page).toHaveURL(/\/login/)
  await expect(page.getByRole('status')).toContainText('will be deleted in 14 days')
  await look(page)
  await signIn(page, person)
  await expect(page.getByRole('alert')).toBeVisible()

  const other = await elsewhere.newPage()
  const link = linkIn(await portal.letter(person, 2))
  await other.goto(link)
  expect(other.url()).not.toContain('token')
  await look(other)
  await other.getByRole('button', { name: 'Keep my account' }).click()
  await expect(other.getByRole('status')).toContainText('Your account stays')
  await signIn(other, person)
  await expect(other).toHaveURL(/\/account$/)
  await elsewhere.clearCookies()
  await other.goto(link)
  await expect(other.getByRole('heading', { name: 'This link does not work' })).toBeVisible()
  await look(other)
})

test('the last admin is told why they cannot leave', async ({ page, freshPortal, look }) => {
  const admin = freshPortal.stranger()
  await page.goto(await freshPortal.setUpLink())
  await page.getByLabel('Email', { exact: true }).fill(admin.email)
  await page.getByLabel('Password', { exact: true }).fill(admin.password)
  await page.getByRole('button', { name: 'Create account', exact: true }).click()
  await page.waitForURL((url) => url.pathname !== '/setup')

  await page.goto(`${freshPortal.url}/account/delete`)
  await expect(page.getByText('You are the last admin')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Delete my account' })).toHaveCount(0)
  await look(page)
})
