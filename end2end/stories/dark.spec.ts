import { signedIn, test } from '../support/story.ts'

test.use({ colorScheme: 'dark' })

test('the pages can be read in the dark', async ({ page, person, look }) => {
  for (const path of ['/login', '/register', '/nowhere']) {
    await page.goto(path)
    await look(page)
  }
  await signedIn(page, person)
  await look(page)
})
