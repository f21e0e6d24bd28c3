/** Well signed, and wrong in what it says (RFC 7519, section 4.1; RFC 8725, sections 3.8 to 3.10). */
import { by, type Attack, type Hole } from '../attack.ts'
import type { Forge } from '../forge.ts'

export function claims(forge: Forge): Attack[] {
  return [...times(forge), ...parties(forge), ...types(forge), ...texts(forge)]
}

function times(forge: Forge): Attack[] {
  const { now } = forge.lore
  const says = (more: Record<string, unknown>) => forge.token(more)
  /** Numbers that JSON can write and JavaScript cannot. */
  const written = (exp: string) => forge.signed(forge.header(), JSON.stringify(forge.claims({ exp: 0 })).replace('"exp":0', `"exp":${exp}`))
  return [
    by('checks no exp', 'expired', 'ended two minutes ago', says({ iat: now - 1020, exp: now - 120 })),
    by('checks no exp', 'long expired', 'ended a year ago', says({ iat: now - 31_537_000, exp: now - 31_536_000 })),
    by(['checks no exp', 'has no ceiling', 'checks no types'], 'exp negative', 'ended before 1970', says({ exp: -1 })),
    by('wants no exp', 'exp missing', 'never ends', says({ exp: undefined })),
    by(['wants no exp', 'checks no types'], 'exp null', 'never ends, and says so', says({ exp: null })),
    by('checks no types', 'exp text', 'its end is a text', says({ exp: String(now + 3600) })),
    by('checks no types', 'exp fraction', 'ends within a second', says({ exp: now + 3600.5 })),
    by(['checks no types', 'has no ceiling'], 'exp 1e999', 'ends at infinity', written('1e999')),
    by('has no ceiling', '25 hours', 'lives an hour longer than any token may', says({ iat: now - 5, exp: now - 5 + 90_000 })),
    by('has no ceiling', 'ten years', 'lives for ten years', says({ exp: now + 315_360_000 })),
    by(['checks no iat', 'has no ceiling'], 'iat missing', 'does not say how long it has lived', says({ iat: undefined })),
    by('checks no types', 'iat text', 'its beginning is a text', says({ iat: String(now - 5) })),
    by('checks no iat', 'iat tomorrow', 'made tomorrow', says({ iat: now + 86_000, exp: now + 90_000 })),
    by('checks no nbf', 'nbf in an hour', 'not good yet', says({ nbf: now + 3000 })),
    by(['checks no nbf', 'checks no types'], 'nbf text', 'its first moment is a text', says({ nbf: 'tomorrow' })),
  ]
}

/** Somebody else's token, or a token for somebody else. */
function parties(forge: Forge): Attack[] {
  const { issuer, audience } = forge.lore
  const iss = (what: string, tries: string, value: unknown, hole: Hole = 'checks no iss') => by(hole, `iss ${what}`, tries, forge.token({ iss: value }))
  const aud = (what: string, tries: string, value: unknown, hole: Hole = 'checks no aud') => by(hole, `aud ${what}`, tries, forge.token({ aud: value }))
  return [
    iss('missing', 'made by nobody', undefined),
    iss('wrong', 'made by somebody else', 'https://evil.example.com'),
    iss('list', 'made by several', [issuer, 'https://evil.example.com']),
    iss('with a slash', 'almost our name', `${issuer}/`),
    iss('in capitals', 'almost our name', issuer.toUpperCase()),
    iss('longer', 'begins like our name', `${issuer}.evil.example.com`),
    iss('behind @', 'our name as that of a user', `${issuer}@evil.example.com`),
    iss('with NUL', 'our name, and more behind a NUL', `${issuer}\0.evil.example.com`, 'cuts text at NUL'),
    aud('missing', 'for nobody', undefined),
    aud('wrong', 'for another service', 'billing-api'),
    aud('is the issuer', 'for the portal alone', issuer),
    aud('empty list', 'for nobody', []),
    aud('empty', 'for nobody', ''),
    aud('object', 'an object with our name', { [audience]: true }),
    aud('shorter', 'our name begins like it', audience.slice(0, -1)),
    aud('longer', 'begins like our name', `${audience}-admin`, 'compares aud by prefix'),
    aud('list inside a list', 'our name, one level too deep', [[audience]]),
    aud('with NUL', 'our name, and more behind a NUL', `${audience}\0-admin`, 'cuts text at NUL'),
    aud('in wide letters', 'our name in the letters of East Asian type', wide(audience), 'folds Unicode'),
  ]
}

function types(forge: Forge): Attack[] {
  const wrong: [claim: string, what: string, value: unknown][] = [
    ['sub', 'missing', undefined],
    ['sub', 'empty', ''],
    ['sub', 'number', 1],
    ['sub', 'object', { $ne: null }],
    ['permissions', 'missing', undefined],
    ['permissions', 'text', forge.lore.permissions.join(' ')],
    ['permissions', 'object', { length: 1, 0: forge.lore.permissions[0] ?? 'workflow:read', includes: true }],
    ['permissions', 'list of lists', [forge.lore.permissions]],
    ['role', 'list', ['user', 'admin']],
    ['tenantId', 'object', { $gt: '' }],
    ['tenantId', 'list', ['acme', 'other']],
    ['sid', 'list', ['a-living-session']],
    ['keyId', 'object', {}],
    ['epoch', 'missing', undefined],
    ['epoch', 'text', '100'],
    ['epoch', 'fraction', 100.5],
    ['epoch', 'object', { valueOf: 100 }],
  ]
  const epochNegative = by(['checks no types', 'follows no feed'], 'epoch negative', 'its epoch is below 0', forge.token({ epoch: -1 }))
  return [
    ...wrong.map(([claim, what, value]) => {
      // The server may key by `userId` too: both say the same.
      const more = claim === 'sub' ? { sub: value, userId: value } : { [claim]: value }
      return by('checks no types', `${claim} ${what}`, `${claim} is not of its type`, forge.token(more))
    }),
    epochNegative,
  ]
}

/** JSON that readers disagree about. */
function texts(forge: Forge): Attack[] {
  const header = JSON.stringify(forge.header())
  const good = JSON.stringify(forge.claims())
  const twice = (text: string, member: string) => `{${member},${text.slice(1)}`
  const foreign = JSON.stringify(forge.claims({ iss: 'https://evil.example.com' }))
  const latin = Buffer.from(good.replace('ada@example.com', 'ad\xe5@example.com'), 'latin1')
  return [
    by('takes the last of two members', 'iss twice', 'made by two', forge.signed(header, twice(good, '"iss":"https://evil.example.com"'))),
    by('takes the last of two members', 'sub twice', 'about two', forge.signed(header, twice(good, '"sub":"admin"'))),
    by('takes the last of two members', 'sub twice, escaped', 'about two, once with an escape in the name', forge.signed(header, twice(good, '"s\\u0075b":"admin"'))),
    by('takes the last of two members', 'kid twice', 'of two keys', forge.signed(twice(header, '"kid":"no-such-key"'), good)),
    by(
      ['takes the last of two members', 'checks no iss'],
      'iss twice, ours first',
      'made by us, and then by others',
      forge.signed(header, twice(foreign, `"iss":"${forge.lore.issuer}"`)),
    ),
    by('reads JSON loosely', 'BOM', 'begins with a byte order mark', forge.signed(header, `\ufeff${good}`)),
    by('reads JSON loosely', 'two values', 'another value behind the claims', forge.signed(header, `${good}{"role":"admin"}`)),
    by('reads JSON loosely', 'comma at the end', 'no JSON', forge.signed(header, `${good.slice(0, -1)},}`)),
    by('replaces broken UTF-8', 'no UTF-8', 'bytes that are no text', forge.signed(header, latin)),
  ]
}

/** U+FF01 and on: what NFKC folds into ASCII. */
function wide(text: string): string {
  return text.replaceAll(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
}
