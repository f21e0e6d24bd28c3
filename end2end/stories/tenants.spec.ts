import type { Page } from '@playwright/test'
import { claimsOf, linkIn, type Person, type Portal } from '../support/portal.ts'
import { accessToken, expect, signedIn, signIn, test } from '../support/story.ts'

/** An admin, made beside the running server. */
async function admin(portal: Portal): Promise<Person> {
  const person = portal.stranger()
  await portal.createAdmin(person)
  return person
}

/** Adds an organisation of a name nobody took yet, and stays on its page. Its name and id. */
async function added(page: Page, portal: Portal): Promise<{ name: string; id: string }> {
  const name = `Acme ${portal.stranger().email.split('@')[0]}`
  await page.goto('/admin/tenants')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('button', { name: 'Add organisation', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name)
  await expect(page.getByRole('status')).toContainText('Nobody belongs to it yet.')
  return { name, id: new URL(page.url()).pathname.split('/').at(-1)! }
}

/** Makes an account a member that looks after the organisation whose page is shown. */
async function inCharge(page: Page, id: string, person: Person): Promise<void> {
  await page.goto(`/admin/tenants/${id}`)
  await page.getByLabel('Email', { exact: true }).fill(person.email)
  await page.getByLabel('Role here', { exact: true }).selectOption('viewer')
  await page.getByRole('button', { name: 'Add member', exact: true }).click()
  await page.getByRole('link', { name: person.email, exact: true }).click()
  await page.getByLabel('Beside the role', { exact: true }).fill('tenant:manage')
  await page.getByRole('button', { name: 'See what would change', exact: true }).click()
  await expect(page.getByRole('main')).toContainText('Nothing has been changed yet.')
  await page.getByRole('button', { name: 'Save rights', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('What they may do here is changed.')
}

test('an admin puts somebody in charge of an organisation, who invites, suspends and removes', async ({ page, portal, person, elsewhere, look }) => {
  await signedIn(page, await admin(portal))
  await page.getByRole('link', { name: 'Organisations', exact: true }).click()
  await look(page)
  const { name, id } = await added(page, portal)
  await look(page)
  await inCharge(page, id, person)
  await look(page)

  const theirs = await elsewhere.newPage()
  await theirs.goto('/login')
  await signIn(theirs, person)
  await expect(theirs).toHaveURL(/\/account$/)
  await theirs.getByLabel('Acting in', { exact: true }).selectOption({ label: name })
  await theirs.getByRole('button', { name: 'Switch', exact: true }).click()
  await expect(theirs.getByRole('status')).toContainText('You act there from now on')
  await look(theirs)
  expect(claimsOf(await accessToken(theirs))).toMatchObject({ tenantId: id })

  await theirs.getByRole('main').getByRole('link', { name: `Manage ${name}`, exact: true }).click()
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText(name)
  await expect(theirs.getByRole('button', { name: 'Add member', exact: true })).toHaveCount(0)
  await theirs.getByRole('navigation', { name: 'Organisation pages' }).getByRole('link', { name: 'Invitations', exact: true }).click()
  const guest = portal.stranger()
  await theirs.getByLabel('Email addresses', { exact: true }).fill(`${guest.email} nope`)
  await theirs.getByRole('button', { name: 'Send invitations', exact: true }).click()
  await expect(theirs.getByRole('status')).toContainText('One invitation is on its way.')
  await look(theirs)

  const visitor = await (await theirs.context().browser()!.newContext()).newPage()
  await visitor.goto(linkIn(await portal.letter(guest)))
  await visitor.getByLabel('Password', { exact: true }).fill(guest.password)
  await visitor.getByRole('button', { name: 'Create account', exact: true }).click()
  await expect(visitor).toHaveURL(/\/account$/)
  await expect(visitor.getByLabel('Acting in', { exact: true })).toHaveValue(id)
  await visitor.goto(`${portal.url}/admin/tenants/${id}`)
  await expect(visitor.getByRole('heading', { level: 1 })).toHaveText('There is nothing here')

  await theirs.goto(`/admin/tenants/${id}?q=${encodeURIComponent(guest.email)}`)
  await theirs.getByRole('link', { name: guest.email, exact: true }).click()
  await theirs.getByRole('button', { name: 'Suspend member', exact: true }).click()
  await expect(theirs.getByRole('status')).toContainText('They are suspended')
  await look(theirs)
  await visitor.goto(`${portal.url}/account/tenants`)
  await expect(visitor.getByRole('main')).toContainText('Suspended')
  await theirs.getByText('Remove from this organisation', { exact: true }).click()
  await look(theirs)
  await theirs.getByRole('button', { name: 'Remove member', exact: true }).click()
  await expect(theirs.getByRole('status')).toContainText('do not belong to this organisation any more')
  await visitor.goto(`${portal.url}/account/tenants`)
  await expect(visitor.getByRole('main')).toContainText('You belong to no organisation')
  await visitor.context().close()
})

test('who leaves is warned, and what an organisation takes along is said before it is deleted', async ({ page, portal, person, elsewhere, look }) => {
  await signedIn(page, await admin(portal))
  const { name, id } = await added(page, portal)
  await inCharge(page, id, person)

  const theirs = await elsewhere.newPage()
  await theirs.goto('/login')
  await signIn(theirs, person)
  await theirs.goto('/account/tenants')
  await theirs.getByLabel(`Leave ${name}`, { exact: true }).click()
  await expect(theirs.getByRole('main')).toContainText('only those who run the portal can let somebody in')
  await look(theirs)
  await theirs.getByRole('button', { name: 'Leave this organisation', exact: true }).click()
  await expect(theirs.getByRole('status')).toContainText('You have left.')
  await look(theirs)

  await page.goto(`/admin/tenants/${id}/settings`)
  await expect(page.getByRole('main')).toContainText('0 memberships end')
  await look(page)
  await page.getByLabel('Name of the organisation', { exact: true }).fill('something else')
  await page.getByRole('button', { name: 'Delete organisation', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('That is not the name of this organisation.')
  await look(page)
  await page.getByLabel('Name of the organisation', { exact: true }).fill(name)
  await page.getByRole('button', { name: 'Delete organisation', exact: true }).click()
  await expect(page).toHaveURL(/\/admin\/tenants\?/)
  await expect(page.getByRole('status')).toContainText('The organisation is deleted.')
})
