/** Every letter there is, out of the development mailbox, as a mail program shows it. */
import { join } from 'node:path'
import { test } from '../support/story.ts'
import type { Letter } from '../support/portal.ts'

const name = (subject: string) => subject.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')

test('letters', async ({ page, freshPortal }, info) => {
  test.setTimeout(120_000)
  await freshPortal.command('mail', 'samples')
  const answer = await fetch(`${freshPortal.url}/dev/mailbox.json`)
  const letters = (await answer.json()) as Letter[]
  // Away from the portal, whose policy would take the letters' own styles from them.
  await page.goto('about:blank')
  for (const { subject, html } of letters) {
    await page.setContent(html)
    const path = join(import.meta.dirname, '../../target/pictures', `letter-${name(subject)}.${info.project.name}.png`)
    await page.screenshot({ path, fullPage: true, animations: 'disabled' })
  }
})
