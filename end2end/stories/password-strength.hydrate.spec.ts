import { awake, expect, register, test } from '../support/story.ts'

test('strength is said in words while a password is typed', async ({ page, look }) => {
  await page.goto('/register')
  await awake(page)
  const password = page.getByLabel('Password', { exact: true })
  const meter = page.getByRole('meter', { name: 'Password strength' })
  const words = page.locator('.strength-words')
  await expect(words).toHaveAttribute('aria-live', 'polite')
  await expect(meter).toBeHidden()

  await password.pressSequentially('three')
  await expect(words).toHaveText('7 more characters.')
  await password.pressSequentially(' wet o')
  await expect(words).toHaveText('One more character.')
  await password.pressSequentially('tters sing')
  await expect(words).toHaveText('Strong.')
  await expect(meter).toHaveJSProperty('value', 4)
  await look(page)

  await password.fill('dragonmonkey')
  await expect(words).toHaveText('Easy to guess. Many people use it, or one much like it.')
  await look(page)
  await password.fill('')
  await expect(words).toHaveText('')
  await expect(meter).toBeHidden()
})

test('the other fields of the form count as own words', async ({ page }) => {
  await page.goto('/register')
  await awake(page)
  await page.getByLabel('First name', { exact: true }).fill('Wilhelmina')
  await page.getByLabel('Last name', { exact: true }).fill('Lovelacington')
  await page.getByLabel('Password', { exact: true }).fill('wilhelmina.lovelacington')

  await expect(page.locator('.strength-words')).toHaveText('Easy to guess. It is made of your name or address, or of ours.')
})

test('one pause is one question, and it never travels in an address', async ({ page }) => {
  await page.goto('/register')
  await awake(page)
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('password_strength')) asked.push(`${request.method()} ${new URL(request.url()).search}`)
  })
  await page.getByLabel('Password', { exact: true }).pressSequentially('three wet otters sing softly', { delay: 20 })

  await expect(page.locator('.strength-words')).toHaveText('Strong.')
  expect(asked).toEqual(['POST '])
})

test('a portal that does not answer keeps nobody from registering', async ({ page, portal }) => {
  await page.route('**/_sf/password_strength', (route) => route.abort())
  const person = portal.stranger()
  await page.goto('/register')
  await awake(page)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await expect(page.locator('.strength-words')).toHaveText('')

  await register(page, person)

  await expect(page).toHaveURL(/\/verify-email/)
})
