import { codeIn } from '../support/portal.ts'
import { awake, expect, register, signedIn, signIn, test } from '../support/story.ts'

test('a password can be shown, and is hidden again when it is sent', async ({ page, portal }) => {
  await page.goto('/login')
  await awake(page)
  const password = page.getByLabel('Password', { exact: true })
  const show = page.getByRole('button', { name: 'Show password', exact: true })
  await password.fill('not-a-secret-any-more')
  await expect(password).toHaveAttribute('type', 'password')
  await expect(show).toHaveAttribute('aria-pressed', 'false')

  await show.click()
  await expect(password).toHaveAttribute('type', 'text')
  await expect(show).toHaveAttribute('aria-pressed', 'true')
  await show.click()
  await expect(password).toHaveAttribute('type', 'password')

  await show.click()
  const typeWhenSent = page.evaluate(
    () =>
      new Promise<string>((sent) => {
        addEventListener('submit', () => sent(document.querySelector<HTMLInputElement>('input[name=password]')!.type))
      }),
  )
  await page.getByLabel('Email', { exact: true }).fill(portal.stranger().email)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click({ noWaitAfter: true })
  expect(await typeWhenSent).toBe('password')
})

test('a code may be pasted with spaces and dashes, and is sent by itself', async ({ page, portal }) => {
  const person = portal.stranger()
  await register(page, person)
  await awake(page)
  const code = codeIn(await portal.letter(person))

  await page.getByLabel('Code', { exact: true }).focus()
  await page.keyboard.insertText(` ${code.slice(0, 3)}-${code.slice(3)} `)

  await expect(page).toHaveURL(/\/account$/)
})

test('a password manager that writes into the page before it wakes breaks nothing', async ({ page, person }) => {
  await page.addInitScript(() => {
    document.addEventListener('DOMContentLoaded', () => {
      for (const input of document.querySelectorAll('input')) {
        input.setAttribute('data-manager', 'filled')
        const icon = Object.assign(document.createElement('span'), { textContent: '*' })
        icon.setAttribute('aria-hidden', 'true')
        input.after(icon)
      }
    })
  })
  await page.goto('/login')
  await signIn(page, person)

  await expect(page).toHaveURL(/\/account$/)
})

test('a page of the portal gets its own token', async ({ page, portal, person, workflows }) => {
  await signedIn(page, person)

  const answer = await page.evaluate(async () => {
    const response = await fetch('/api/auth/token', { method: 'POST' })
    return { status: response.status, cache: response.headers.get('Cache-Control'), body: await response.json() }
  })

  expect(answer).toMatchObject({ status: 200, cache: 'no-store', body: { tokenType: 'Bearer' } })
  expect(answer.body.expiresIn).toBeGreaterThan(890)
  expect(Object.keys(answer.body).sort()).toEqual(['accessToken', 'expiresIn', 'tokenType'])
  const list = await workflows.call('GET', '/api/workflows', answer.body.accessToken)
  expect(list, portal.url).toEqual({ status: 200, body: { workflows: [], nextCursor: null } })
})
