import { claimsOf, codeIn, linkIn } from '../support/portal.ts'
import { accessToken, enterCode, expect, finish, register, signIn, test, words } from '../support/story.ts'

test('from a new address to a workflow that ran', async ({ page, portal, workflows, look }) => {
  const person = portal.stranger()

  await page.goto('/register')
  await look(page)
  await register(page, person)
  await expect(page).toHaveURL(/\/verify-email/)
  await look(page)

  await page.goto(linkIn(await portal.letter(person)))
  await look(page)
  await page.getByRole('button', finish).click()
  await expect(page).toHaveURL(/\/account$/)
  await expect(page.getByRole('main').getByText(person.email)).toBeVisible()
  await look(page)

  const token = await accessToken(page)
  const claims = claimsOf(token)
  expect(claims).toMatchObject({ email: person.email, role: 'user', tenantId: null })
  const definition = { steps: [{ type: 'text', name: 'greeting', template: 'Hello {{who}}' }] }
  const forged = { name: 'Greeting', definition, userId: 'somebody-else', tenantId: 'acme' }
  const created = await workflows.call('POST', '/api/workflows', token, forged)
  expect(created).toMatchObject({ status: 201, body: { name: 'Greeting', userId: claims.sub, tenantId: null } })
  const path = `/api/workflows/${(created.body as { id: string }).id}/execute`
  const executed = await workflows.call('POST', path, token, { input: { who: 'world' } })
  const run = { status: 'succeeded', output: { greeting: 'Hello world' } }
  expect(executed).toMatchObject({ status: 200, body: { run } })
})

test('a six-digit code does what the link does', async ({ page, portal, look, javaScriptEnabled }) => {
  const person = portal.stranger()
  await register(page, person)
  const code = codeIn(await portal.letter(person))

  const wrong = code === '000000' ? '111111' : '000000'
  await enterCode(page, wrong, javaScriptEnabled)
  await expect(page.getByRole('alert')).toBeVisible()
  await look(page)

  await enterCode(page, code, javaScriptEnabled)
  await expect(page).toHaveURL(/\/account$/)
})

test('another letter can be asked for', async ({ page, portal, look, javaScriptEnabled }) => {
  const person = portal.stranger()
  await register(page, person)
  const first = await portal.letter(person)

  await page.getByRole('button', { name: /send another/i }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await look(page)
  const second = await portal.letter(person, 2)
  expect(second.id).not.toBe(first.id)
  await enterCode(page, codeIn(second), javaScriptEnabled)

  await expect(page).toHaveURL(/\/account$/)
})

test('opening the link changes nothing, pressing the button does, once', async ({ page, portal, elsewhere, look }) => {
  const person = portal.stranger()
  await register(page, person)
  const link = linkIn(await portal.letter(person))

  const scanner = await elsewhere.newPage()
  await scanner.goto(link)
  await scanner.goto(link)
  await page.goto(link)
  await page.getByRole('button', finish).click()
  await expect(page).toHaveURL(/\/account$/)

  await scanner.goto(link)
  await look(scanner)
  await expect(scanner.getByRole('button', finish)).toHaveCount(0)
  await scanner.goto('/account')
  await expect(scanner).toHaveURL(/\/login/)
})

test('whoever finishes in another browser chooses the password', async ({ page, portal, elsewhere, look }) => {
  const attacker = portal.stranger()
  const owner = { ...attacker, password: 'copper-lantern-58-harbour' }
  await register(page, attacker)

  const owners = await elsewhere.newPage()
  await owners.goto(linkIn(await portal.letter(owner)))
  await look(owners)
  await owners.getByLabel('Password', { exact: true }).fill(owner.password)
  await owners.getByRole('button', finish).click()
  await expect(owners).toHaveURL(/\/account$/)

  await page.goto('/login')
  await signIn(page, attacker)
  await expect(page.getByRole('alert')).toBeVisible()
  await signIn(page, owner)
  await expect(page).toHaveURL(/\/account$/)
})

test('a known address sees the same page as a new one', async ({ page, portal, person, elsewhere }) => {
  const stranger = portal.stranger()
  const other = await elsewhere.newPage()

  await register(page, stranger)
  await register(other, person)

  await expect(page).toHaveURL(/\/verify-email/)
  expect(new URL(other.url()).pathname).toBe(new URL(page.url()).pathname)
  expect(await words(other, person)).toBe(await words(page, stranger))
  // The owner hears of it: the letter that proved the address was the first.
  const letter = await portal.letter(person, 2)
  expect(letter.text).not.toContain('/verify-email?token=')
})

test('a refused form says why, keeps what was typed and never the password', async ({ page, portal, look }) => {
  const person = { ...portal.stranger(), password: 'passwordpassword' }

  await register(page, person)

  await expect(page).toHaveURL(/\/register/)
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(page.getByLabel('Email', { exact: true })).toHaveValue(person.email)
  const password = page.getByLabel('Password', { exact: true })
  await expect(password).toHaveValue('')
  await expect(password).toHaveAttribute('aria-invalid', 'true')
  await expect(password).toHaveAccessibleDescription(/\S/)
  await look(page)
  expect(await portal.letters(person)).toEqual([])
})
