/** A good token, spelt otherwise, or in another place. Whoever caches, logs or revokes by the text has to see one text. */
import { by, sent, type Attack } from '../attack.ts'
import { signature, type Forge } from '../forge.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export function spellings(forge: Forge): Attack[] {
  const good = forge.token()
  return [...base64(forge, good), ...parts(good), ...schemes(good), ...places(good)]
}

function base64(forge: Forge, good: string): Attack[] {
  const [header, payload, last] = good.split('.') as [string, string, string]
  // The last of 86 characters carries two bits that count and four that do not.
  const respelt = last.slice(0, -1) + alphabet[alphabet.indexOf(last.at(-1)!) ^ 1]
  // Most signatures have bytes that need `+` and `/`; one that has none would be a good token.
  let url = good
  while (!/[-_]/.test(url)) url = forge.token()
  const classic = url.replaceAll('-', '+').replaceAll('_', '/')
  const hole = 'spells base64 freely'
  return [
    by(hole, 'padded', 'base64 with its padding', overPadding(forge)),
    by(hole, 'padding behind', 'padding behind the signature', `${good}==`),
    by(hole, 'classic alphabet', 'base64 with + and /', classic),
    by(hole, 'unused bits', 'the same signature with another last character', `${header}.${payload}.${respelt}`),
    by(hole, 'space inside', 'a space in the signature', `${header}.${payload}.${last.slice(0, 40)} ${last.slice(40)}`),
    by(hole, 'tab inside', 'a tab in the signature', `${header}.${payload}.${last.slice(0, 40)}\t${last.slice(40)}`),
    by(hole, 'percent', 'a percent sign in the signature', `${header}.${payload}.${last.slice(0, 40)}%${last.slice(40)}`),
    by(hole, 'beyond ASCII', 'a letter that base64 does not have', `${good}\xe5`),
    by('has no size limit', 'one megabyte', 'well signed, and endless', forge.token({ ballast: 'x'.repeat(750_000) })),
  ]
}

/** Signed over the very text (RFC 7515, section 5.2, step 8): only its spelling is wrong. */
function overPadding(forge: Forge): string {
  const padded = (value: unknown) => {
    const text = JSON.stringify(value)
    // A space behind the first brace, so that there is something to pad.
    return Buffer.from(text.length % 3 === 0 ? `{ ${text.slice(1)}` : text).toString('base64')
  }
  const input = `${padded(forge.header())}.${padded(forge.claims())}`
  return `${input}.${signature(input, forge.current).toString('base64')}`
}

function parts(good: string): Attack[] {
  return [
    by('drops extra parts', 'four parts', 'something behind a good token', `${good}.x`),
    by('drops extra parts', 'dot behind', 'a dot behind a good token', `${good}.`),
    by('drops extra parts', 'five parts', 'a good token that looks like a JWE', `${good}.x.x`),
    sent('takes a missing token for nobody', 'empty', 'no token behind Bearer', { authorization: 'Bearer ' }),
    sent('takes a missing token for nobody', 'two dots', 'three empty parts', { token: '..' }),
    sent('takes a missing token for nobody', 'null', 'what a careless client sends', { token: 'null' }),
    sent('takes a missing token for nobody', 'undefined', 'what a careless client sends', { token: 'undefined' }),
  ]
}

function schemes(good: string): Attack[] {
  const bad = 'eyJhbGciOiJub25lIn0.e30.'
  const any = (value: string, name: string, tries: string) => sent('takes any scheme', name, tries, { authorization: value })
  return [
    any(good, 'no scheme', 'a good token alone'),
    any(`Basic ${good}`, 'Basic', 'a good token as a password'),
    any(`Token ${good}`, 'Token', 'a good token under another scheme'),
    any(`JWT ${good}`, 'JWT', 'a good token under another scheme'),
    any(`Bearer:${good}`, 'Bearer:', 'a good token behind a colon'),
    any(`Bearer${good}`, 'no space', 'a good token without a space'),
    sent('takes the first of many', 'good, then bad', 'two tokens in one header', { authorization: `Bearer ${good} ${bad}` }),
    sent('takes the last of many', 'bad, then good', 'two tokens in one header', { authorization: `Bearer ${bad} ${good}` }),
    sent('takes the first of many', 'good, then bad, with a comma', 'two credentials in one header', { authorization: `Bearer ${good}, Bearer ${bad}` }),
    sent('takes the last of many', 'bad, then good, with a comma', 'two credentials in one header', { authorization: `Bearer ${bad}, Bearer ${good}` }),
    sent('takes the first of many', 'two headers, good first', 'Authorization twice', { authorization: [`Bearer ${good}`, `Bearer ${bad}`] }),
    sent('takes the last of many', 'two headers, bad first', 'Authorization twice', { authorization: [`Bearer ${bad}`, `Bearer ${good}`] }),
  ]
}

function places(good: string): Attack[] {
  return [
    sent('looks in the query', '?token=', 'a good token where logs see it', { query: { token: good } }),
    sent('looks in the query', '?access_token=', 'a good token where logs see it', { query: { access_token: good } }),
    sent('looks in cookies', 'cookies', 'a good token that every page can have sent', {
      headers: { Cookie: ['token', 'auth_token', 'access_token', 'sessionId', 'gatehouse'].map((name) => `${name}=${good}`).join('; ') },
    }),
    sent('looks in X-API-Key', 'X-API-Key', 'a token as an API key', { headers: { 'X-API-Key': good } }),
    sent('believes other headers', 'user headers', 'no token, but headers that name a user', {
      headers: {
        'X-Auth-Provider': 'clerk',
        'X-Clerk-User-Id': 'ada',
        'X-User-Id': 'ada',
        'X-Forwarded-User': 'ada',
        'X-Auth-Request-User': 'ada',
      },
    }),
  ]
}
