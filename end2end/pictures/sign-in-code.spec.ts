import type { Page, TestInfo } from '@playwright/test'
import { join } from 'node:path'
import { linkIn, newDevice, Portal } from '../support/portal.ts'
import { awake, expect, signedIn, test } from '../support/story.ts'

async function picture(page: Page, info: TestInfo, state: string): Promise<void> {
  const path = join(import.meta.dirname, '../../target/pictures', `${state}.${info.project.name}.png`)
  await page.waitForLoadState()
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}

async function ask(page: Page, url: string, email: string): Promise<void> {
  await page.goto(`${url}/login`)
  await page.getByLabel('Email', { exact: true }).fill(email)
  await page.getByRole('button', { name: 'Email me a code instead', exact: true }).click()
  await expect(page).toHaveURL(/\/login\/code/)
}

test('sign in by code', async ({ page, elsewhere }, info) => {
  const portal = await Portal.start({ GATEHOUSE_LIMITS__MULTIPLIER: '1' })
  const person = await portal.joined()
  await page.goto(`${portal.url}/login`)
  await picture(page, info, 'login')
  await ask(page, portal.url, person.email)
  await awake(page)
  await picture(page, info, 'login-code')
  await page.getByLabel('Code', { exact: true }).fill('000000')
  await expect(page.getByRole('alert')).toBeVisible()
  await picture(page, info, 'login-code-wrong')
  const letter = await portal.letter(person, 2)
  await page.goto(linkIn(letter))
  await picture(page, info, 'login-link')
  const other = await elsewhere.newPage()
  await other.goto(linkIn(letter))
  await picture(other, info, 'login-link-elsewhere')
  await other.goto(`${portal.url}/login/code?token=wrong`)
  await picture(other, info, 'login-link-dead')
  await page.goto('about:blank')
  await page.setContent(letter.html)
  await picture(page, info, 'letter-sign-in-code')
  await portal.stop()
})

test('spent codes and a flood', async ({ page, portal, person }, info) => {
  await ask(page, portal.url, person.email)
  for (let tries = 0; tries < 5; tries += 1) {
    await awake(page)
    const answered = page.waitForResponse((answer) => answer.request().method() === 'POST')
    await page.getByLabel('Code', { exact: true }).fill('000000')
    await answered
    await page.waitForURL(/flash=/)
  }
  await expect(page.getByText('No more codes can be entered here.')).toBeVisible()
  await picture(page, info, 'login-code-spent')
})

test('new device', async ({ page, portal, person }, info) => {
  await signedIn(page, person)
  const told = () => portal.allLetters(person).then((letters) => letters.find(({ subject }) => subject === newDevice))
  await expect.poll(told).toBeTruthy()
  const letter = (await told())!
  await page.goto('about:blank')
  await page.setContent(letter.html)
  await picture(page, info, 'letter-new-device')
})
