/** The two ways to sign in: by JSON on the portal's own origin, on the portal's page everywhere else. */
import type { PortalCalls } from './portal.ts'
import type { Page } from './surroundings.ts'

export type LoginOutcome =
  | { status: 'signed_in' }
  /** Send `mfaToken`, a method and its code to `POST /api/auth/mfa` with `useCookie`, then call `restore()`. */
  | { status: 'mfa_required'; mfaToken: string; methods: readonly string[] }

export type RegisterOutcome = { status: 'signed_in' } | { status: 'verification_sent'; registrationToken: string }

export interface Registration {
  email: string
  password: string
  username?: string
  firstName?: string
  lastName?: string
}

/** The session goes into the cookie (`useCookie`); the token of the answer is left to the one way tokens are got. */
export async function signInHere(portal: PortalCalls, identifier: string, password: string): Promise<LoginOutcome> {
  const who = identifier.includes('@') ? { email: identifier } : { username: identifier }
  const { ok, body } = await portal.attempt('/api/auth/login', { ...who, password, useCookie: true })
  if (ok) return { status: 'signed_in' }
  const methods = Array.isArray(body.methods) ? body.methods.filter((method) => typeof method === 'string') : []
  return { status: 'mfa_required', mfaToken: String(body.mfaToken), methods }
}

/**
 * Opens the portal's page in another tab and waits until the person comes back signed in. The portal's `?next=` takes only paths of
 * its own, so that no link can lead people from its sign-in to a stranger: it cannot lead back to an app elsewhere. Where the
 * browser opens no tab, this page goes there itself.
 */
export function signInElsewhere(page: Page, url: string, ready: () => Promise<boolean>): Promise<{ status: 'signed_in' }> {
  const tab = page.open(url)
  if (!tab) {
    page.go(url)
    return new Promise(() => {}) // the page is going away
  }
  return new Promise((done) => {
    let asking = false
    const stop = page.onReturn(() => {
      if (asking) return
      asking = true
      ready()
        .then((signedIn) => {
          if (!signedIn) return
          stop()
          tab.close()
          done({ status: 'signed_in' })
        })
        // The portal cannot say now: the next return asks again.
        .catch(() => {})
        .finally(() => (asking = false))
    })
  })
}
