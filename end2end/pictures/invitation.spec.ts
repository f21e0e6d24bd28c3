import type { Page, TestInfo } from '@playwright/test'
import { join } from 'node:path'
import { linkIn } from '../support/portal.ts'
import { expect, test } from '../support/story.ts'

async function picture(page: Page, info: TestInfo, state: string): Promise<void> {
  const path = join(import.meta.dirname, '../../target/pictures', `${state}.${info.project.name}.png`)
  await page.waitForLoadState()
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}

test('invitations', async ({ page, freshPortal: portal, elsewhere }, info) => {
  const admin = portal.stranger()
  await portal.createAdmin(admin)
  const member = await portal.joined()
  await page.goto(`${portal.url}/login`)
  await page.getByLabel('Email', { exact: true }).fill(admin.email)
  await page.getByLabel('Password', { exact: true }).fill(admin.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(/\/account$/)
  await page.goto(`${portal.url}/admin/invitations`)
  await picture(page, info, 'invitations-empty')

  const headers = { Origin: portal.url }
  const post = (path: string, data: unknown) => page.request.post(portal.url + path, { headers, data })
  const tenantId = ((await (await post('/api/admin/tenants', { name: 'Blue Heron Logistics' })).json()) as { id: string }).id
  const guest = portal.stranger()
  await post('/api/admin/users/invite', { email: guest.email, role: 'viewer', firstName: 'Ada', lastName: 'Lovelace' })
  await post('/api/admin/users/invite', { email: member.email, role: 'user', tenantId })
  await page.goto(`${portal.url}/admin/invitations`)
  await page.getByLabel('Email addresses', { exact: true }).fill(`grace@example.com, not-an-address ${admin.email} linus@example.com`)
  await page.getByRole('button', { name: 'Send invitations', exact: true }).click()
  await expect(page.getByRole('status')).toBeVisible()
  const { invitations } = (await (await page.request.get(`${portal.url}/api/admin/invitations?q=linus`)).json()) as { invitations: { id: string }[] }
  await page.request.delete(`${portal.url}/api/admin/invitations/${invitations[0]!.id}`, { headers })
  await picture(page, info, 'invitations-outcome')
  await page.goto(`${portal.url}/admin/invitations`)
  await page.getByRole('main').locator('summary').first().click()
  await picture(page, info, 'invitations')
  await page.goto(`${portal.url}/admin/invitations?status=expired`)
  await picture(page, info, 'invitations-none')

  const other = await elsewhere.newPage()
  await other.goto(linkIn(await portal.letter(guest)))
  await picture(other, info, 'accept-invitation')
  await other.goto(linkIn(await portal.letter(member, 2)))
  await picture(other, info, 'accept-invitation-sign-in')
  await page.goto(linkIn(await portal.letter(guest)))
  await picture(page, info, 'accept-invitation-somebody')
  await other.goto(`${portal.url}/login?next=/accept-invitation`)
  await other.getByLabel('Email', { exact: true }).fill(member.email)
  await other.getByLabel('Password', { exact: true }).fill(member.password)
  await other.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(other.getByRole('button', { name: 'Join', exact: true })).toBeVisible()
  await picture(other, info, 'accept-invitation-join')
  await other.goto(`${portal.url}/accept-invitation?token=none`)
  await picture(other, info, 'accept-invitation-dead')

  const html = (await portal.letter(guest)).html
  await page.goto('about:blank')
  await page.setContent(html)
  await picture(page, info, 'letter-invitation')
})
