import { expect, test } from '../support/story.ts'

test('a page that is not there says so, with a number to quote', async ({ page, look }) => {
  for (const path of ['/nowhere', '/account/nowhere', '/%E2%80%AE']) {
    const answer = await page.goto(path)
    expect(answer?.status()).toBe(404)
    const requestId = answer?.headers()['x-request-id'] ?? ''
    expect(requestId).not.toBe('')
    await expect(page.getByText(requestId)).toBeVisible()
    await look(page)
  }
})

test('a link that proves nothing says so and offers the way on', async ({ page, look }) => {
  for (const token of ['', 'x', 'A'.repeat(43), '%00', '%3Cscript%3Ealert(1)%3C/script%3E']) {
    await page.goto(`/verify-email?token=${token}`)
    await look(page)
    await expect(page.getByRole('main')).toBeVisible()
    expect(await page.content()).not.toContain('<script>alert(1)')
  }
})
