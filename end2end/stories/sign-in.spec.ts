import { expect, foreignSignIn, signedIn, signIn, test, words } from '../support/story.ts'

test('a wrong password and an unknown address get the same answer', async ({ page, portal, person, look }) => {
  await page.goto('/login')
  await look(page)
  const answers: string[] = []
  for (const wrong of [{ ...person, password: 'wrong-battery-91-saddle' }, portal.stranger()]) {
    await page.goto('/login')
    await signIn(page, wrong)

    const alert = page.getByRole('alert')
    await expect(alert).toBeVisible()
    await expect(alert).toBeFocused()
    await expect(page.getByLabel('Email', { exact: true })).toHaveValue(wrong.email)
    await expect(page.getByLabel('Password', { exact: true })).toHaveValue('')
    await look(page)
    answers.push(await words(page, wrong))
  }
  expect(answers[0]).toBe(answers[1])

  await signIn(page, person)
  await expect(page).toHaveURL(/\/account$/)
})

test('an error is shown once: coming back finds a clean page', async ({ page, portal }) => {
  await page.goto('/login')
  await signIn(page, portal.stranger())
  await expect(page.getByRole('alert')).toBeVisible()

  await page.goto('/login')

  await expect(page.getByRole('alert')).toHaveCount(0)
  await expect(page.getByLabel('Email', { exact: true })).toHaveValue('')
})

test('a second tab is signed in too', async ({ page, person, context }) => {
  await signedIn(page, person)

  const second = await context.newPage()
  await second.goto('/login')

  await expect(second).toHaveURL(/\/account$/)
})

test('signing out in one tab signs out the other', async ({ page, person, context, look }) => {
  await signedIn(page, person)
  const second = await context.newPage()
  await second.goto('/account')
  await expect(second).toHaveURL(/\/account$/)

  await page.goto('/logout')
  await look(page)
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await expect(page).toHaveURL(/\/login/)
  await look(page)

  await second.goto('/account')
  await expect(second).toHaveURL(/\/login/)
})

test('signing out everywhere ends the session in the other browser', async ({ page, person, elsewhere }) => {
  const other = await elsewhere.newPage()
  await signedIn(other, person)
  await signedIn(page, person)

  await page.getByRole('button', { name: 'Sign out everywhere', exact: true }).click()
  await expect(page).toHaveURL(/\/login/)

  await other.goto('/account')
  await expect(other).toHaveURL(/\/login/)
})

test('opening the sign-out page signs nobody out', async ({ page, person }) => {
  await signedIn(page, person)

  await page.goto('/logout')
  await page.goto('/account')

  await expect(page).toHaveURL(/\/account$/)
})

test('the account page offers the way out', async ({ page, person }) => {
  await signedIn(page, person)

  const signOut = page.getByRole('button', { name: 'Sign out', exact: true })
  await signOut.or(page.getByRole('link', { name: 'Sign out', exact: true })).first().click()
  if (new URL(page.url()).pathname === '/logout') await signOut.click()

  await expect(page).toHaveURL(/\/login/)
})

test('whoever is sent to sign in comes back to where they were going', async ({ page, person }) => {
  await page.goto('/account?tab=profile')
  await expect(page).toHaveURL(/\/login\?next=/)

  await signIn(page, { ...person, password: 'wrong-battery-91-saddle' })
  await expect(page.getByRole('alert')).toBeVisible()
  await signIn(page, person)

  await expect(page).toHaveURL(/\/account\?tab=profile$/)
})

test('a return path leads nowhere but into the portal', async ({ page, portal, person, context }) => {
  const elsewhere = ['//evil.example', '/\\evil.example', '/%09/evil.example', 'https://evil.example']
  for (const next of [...elsewhere, 'javascript:alert(1)']) {
    await context.clearCookies()
    await page.goto(`/login?next=${encodeURIComponent(next)}`)
    await signIn(page, person)
    await expect(page, next).toHaveURL(`${portal.url}/account`)
  }
})

test('a form on a foreign page signs nobody in', async ({ page, portal, person, context }) => {
  expect(await foreignSignIn(page, portal, person)).toBe(403)

  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  expect((await context.cookies(portal.url)).filter(({ name }) => name === 'gatehouse')).toEqual([])
})
