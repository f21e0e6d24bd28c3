import type { Page } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { expect, signedIn, test } from '../support/story.ts'
import type { Portal } from '../support/portal.ts'

const admin = { email: 'admin@example.com', password: 'violet-anchor-73-meadow' }

/** The admin of one's own portal, looking at its audit log. */
async function atLog(page: Page, portal: Portal): Promise<void> {
  await portal.createAdmin(admin)
  await page.goto(`${portal.url}/login`)
  await page.getByLabel('Email', { exact: true }).fill(admin.email)
  await page.getByLabel('Password', { exact: true }).fill('not the password')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByLabel('Password', { exact: true }).fill(admin.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(/\/account$/)
  await page.getByRole('link', { name: 'Audit log' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeVisible()
}

test('an admin reads what happened, narrows it down, and looks at one row', async ({ page, freshPortal, look }) => {
  await atLog(page, freshPortal)
  const rows = page.getByRole('region', { name: 'Audit log' }).getByRole('row')
  await expect(rows.filter({ hasText: `${admin.email} signed in with a password.` })).toHaveCount(1)
  await look(page)

  await page.getByRole('navigation', { name: 'Filter', exact: true }).getByRole('link', { name: 'Refused' }).click()
  await expect(page).toHaveURL(/outcome=refused/)
  await expect(page.getByRole('link', { name: /could not sign in as admin@example\.com: the password was wrong/ })).toBeVisible()
  await expect(rows.filter({ hasText: 'signed in with a password' })).toHaveCount(0)
  await look(page)

  await page.getByRole('link', { name: 'Remove the filter Outcome: refused' }).click()
  await expect(page).toHaveURL(/\/admin\/audit$/)
  await page.locator('summary', { hasText: 'Search the log' }).click()
  await page.getByRole('textbox', { name: 'Who acted' }).fill(admin.email)
  await page.getByLabel('Act', { exact: true }).fill('session.*')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await expect(page).toHaveURL(/actor=admin%40example\.com/)
  await expect(page.getByRole('textbox', { name: 'Who acted' })).toHaveValue(admin.email)
  await look(page)

  await page.getByRole('link', { name: `${admin.email} signed in with a password.` }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'What happened' })).toBeVisible()
  await expect(page.getByLabel('The row as JSON')).toContainText('"action": "session.started"')
  await look(page)
  await page.getByRole('main').getByRole('link', { name: admin.email }).first().click()
  await expect(page).toHaveURL(/\/admin\/users\//)
})

test('what nobody did is not found, and what does not read is said', async ({ page, freshPortal, look }) => {
  await atLog(page, freshPortal)
  await page.goto(`${freshPortal.url}/admin/audit?actor=nobody@example.com`)
  await expect(page.getByRole('heading', { name: 'Nothing like that' })).toBeVisible()
  await look(page)
  await page.goto(`${freshPortal.url}/admin/audit?ip=nowhere&from=yesterday`)
  await expect(page.getByRole('alert')).toContainText('From: write a day like 2026-11-21.')
  await expect(page.getByRole('table')).toHaveCount(0)
  await look(page)
})

test('the log is taken along, and the log says so', async ({ page, freshPortal }) => {
  await atLog(page, freshPortal)
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export NDJSON' }).click()])
  expect(file.suggestedFilename()).toMatch(/^audit-\d{4}-\d{2}-\d{2}\.ndjson$/)
  const lines = (await readFile(await file.path(), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { type: string })
  expect(lines[0]).toMatchObject({ type: 'header', format: 'gatehouse-audit', complete: true })
  expect(lines.at(-1)).toMatchObject({ type: 'end' })
  await page.goto(`${freshPortal.url}/admin/audit?action=audit.exported`)
  await expect(page.getByRole('link', { name: `${admin.email} exported the audit log.` })).toBeVisible()
})

test('who may not read the log is not shown the way, and is written down', async ({ page, person, look }) => {
  await signedIn(page, person)
  await expect(page.getByRole('link', { name: 'Audit log' })).toHaveCount(0)
  const answer = await page.goto('/admin/audit')
  expect(answer?.status()).toBe(403)
  await look(page)
  await page.goto('/account/activity')
  await expect(page.getByText('You asked for something and were not let in.')).toBeVisible()
})
