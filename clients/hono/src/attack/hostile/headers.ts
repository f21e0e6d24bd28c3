/** Keys that the token brings along, keys it points to, and headers that ask for more than was checked (RFC 8725, sections 2.8, 2.9 and 3.10 to 3.12). */
import { createCipheriv, randomBytes } from 'node:crypto'
import { by, type Attack } from '../attack.ts'
import { selfSigned } from '../certificate.ts'
import { ecKey, hmac, part, rsaKey, type Forge } from '../forge.ts'
import { feedDocument, strangerPath, strangerPem } from '../issuer.ts'

export function headers(forge: Forge): Attack[] {
  return [...broughtAlong(forge), ...namedKeys(forge), ...kinds(forge), ...demands(forge)]
}

/** What a verifier has to be missing to take the feed for a token. */
const forDocuments = [
  'shares keys with the feed',
  'checks no typ',
  'checks no aud',
  'wants no exp',
  'checks no iat',
  'checks no types',
] as const

function broughtAlong(forge: Forge): Attack[] {
  const { stranger, current, lore } = forge
  const { kid: _, ...bare } = stranger.jwk
  const brought = (header: Record<string, unknown>) => forge.token({}, { kid: current.kid, ...header }, stranger)
  const p384 = ecKey('P-384', 'ES384')
  const weak = rsaKey(1024)
  const rs256 = forge.signed(forge.header({ alg: 'RS256', jwk: weak.jwk }), forge.claims(), weak)
  const es384 = forge.signed(forge.header({ alg: 'ES384', jwk: p384.jwk }), forge.claims(), p384)
  const x5c = [selfSigned(stranger, lore.issuer).toString('base64')]
  return [
    by('trusts jwk in the header', 'jwk', 'brings its own key', brought({ jwk: bare })),
    by('trusts jwk in the header', 'jwk, our kid', 'brings its own key under our kid', brought({ jwk: { ...bare, kid: current.kid } })),
    by('trusts jwk in the header', 'jwk, no kid', 'brings its own key and names none', forge.token({}, { jwk: bare, kid: undefined }, stranger)),
    by('trusts jwk in the header', 'jwk, weak RSA', 'brings an RSA key of 1024 bits', rs256),
    by('trusts jwk in the header', 'jwk, P-384', 'brings a key of another curve', es384),
    by('fetches jku', 'jku', 'points to its own key set', brought({ jku: `${lore.issuer}${strangerPath}` })),
    by('fetches jku', 'jku, traversal', 'points to its own key set by way of ours', brought({ jku: `${lore.issuer}/.well-known/../stranger/jwks.json` })),
    by('fetches x5u', 'x5u', 'points to its own key', brought({ x5u: `${lore.issuer}${strangerPem}` })),
    by('trusts x5c', 'x5c', 'brings a certificate it signed itself, in our name', brought({ x5c })),
  ]
}

function namedKeys(forge: Forge): Attack[] {
  const { current, lore, stranger } = forge
  const any = 'takes any key for an unknown kid'
  const well = (kid: unknown) => forge.token({}, { kid })
  const sql = "x' union select 'attacker' -- "
  const path = '../../../../../../../../dev/null'
  const member = forge.with({ alg: 'HS256', kid: 'constructor' }, hmac(String(Object)))
  return [
    by(any, 'kid unknown', 'well signed, but names a key that is not there', well('no-such-key')),
    by(any, 'kid missing', 'well signed, but names no key', well(undefined)),
    by(any, 'kid empty', 'well signed, but names nothing', well('')),
    by(any, 'kid null', 'well signed, but its kid is null', well(null)),
    by(any, 'kid number', 'well signed, but its kid is a number', well(0)),
    by(any, 'kid object', 'well signed, but its kid is an object', well({ toString: 1 })),
    by(any, 'kid overlong', 'well signed, with a kid of 4000 characters', well('k'.repeat(4000))),
    by(any, 'kid __proto__', 'well signed, named like a member every object has', well('__proto__')),
    by('compares kid loosely', 'kid list', 'well signed, but its kid is a list', well([current.kid])),
    by('compares kid loosely', 'kid with spaces', 'well signed, its kid with a space', well(`${current.kid} `)),
    by('compares kid loosely', 'kid in capitals', 'well signed, its kid in capitals', well(current.kid.toUpperCase())),
    by('cuts text at NUL', 'kid with NUL', 'well signed, its kid with more behind a NUL', well(`${current.kid}\0x`)),
    by('fetches kid', 'kid is an address', 'names the address of its own key', forge.token({}, { kid: `${lore.issuer}${strangerPath}` }, stranger)),
    by('reads kid as a path', 'kid is a path', 'an empty file as the secret', forge.with({ alg: 'HS256', kid: path }, hmac(''))),
    by('reads kid as a path', 'kid is an absolute path', 'the same from the root', forge.with({ alg: 'HS256', kid: '/dev/null' }, hmac(''))),
    by('puts kid into SQL', 'kid is SQL', 'chooses the secret by injection', forge.with({ alg: 'HS256', kid: sql }, hmac('attacker'))),
    by('looks kid up among an object’s members', 'kid constructor', 'a member every object has, as the secret', member),
  ]
}

/** Something of another kind that is as well signed as a token. */
function kinds(forge: Forge): Attack[] {
  const { feed } = forge
  const typed = (typ: unknown) => forge.token({}, { typ })
  const inner = forge.with({ alg: 'none' }, () => '', { sub: 'admin', userId: 'admin' })
  return [
    by('checks no typ', 'typ missing', 'does not say what it is', typed(undefined)),
    by('checks no typ', 'typ at+jwt', 'an access token of another kind', typed('at+jwt')),
    by('checks no typ', 'typ logout+jwt', 'a token that ends sessions', typed('logout+jwt')),
    by('checks no typ', 'typ gatehouse-revocations', 'says it is a feed document', typed('gatehouse-revocations')),
    by('checks no typ', 'typ list', 'says it is several things', typed(['JWT'])),
    by('shares keys with the feed', 'feed’s key', 'signed by the key that signs the feed', forge.token({}, {}, feed)),
    {
      ...by(forDocuments, 'feed document', 'the signed feed itself', feedDocument(forge)),
      // Everybody can read it.
      maker: 'caller',
    },
    by('unwraps nested tokens unchecked', 'nested', 'well signed outside, unsigned inside', forge.signed(forge.header({ cty: 'JWT' }), inner)),
    by('decrypts with a zero key', 'JWE', 'five parts, encrypted with a key of zeros', encrypted(forge)),
  ]
}

/** What must be understood is not (RFC 7515, section 4.1.11; RFC 7797). */
function demands(forge: Forge): Attack[] {
  const demanding = (header: Record<string, unknown>) => forge.token({}, header)
  return [
    by('ignores crit', 'crit, unknown', 'demands an extension nobody knows', demanding({ crit: ['urn:example:deny'], 'urn:example:deny': true })),
    by('ignores crit', 'crit, empty', 'demands nothing', demanding({ crit: [] })),
    by('ignores crit', 'crit, exp', 'demands what is no extension', demanding({ crit: ['exp'], exp: 1 })),
    by('ignores crit', 'crit, text', 'demands with a text instead of a list', demanding({ crit: 'exp' })),
    by(['ignores crit', 'ignores b64'], 'b64 false', 'says its payload is not encoded', demanding({ crit: ['b64'], b64: false })),
    by('ignores b64', 'b64 false, no crit', 'the same without demanding it', demanding({ b64: false })),
  ]
}

function encrypted(forge: Forge): string {
  const header = part({ alg: 'dir', enc: 'A256GCM', typ: 'JWT', kid: forge.current.kid })
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', Buffer.alloc(32), iv).setAAD(Buffer.from(header))
  const text = Buffer.concat([cipher.update(JSON.stringify(forge.claims())), cipher.final()])
  return [header, '', ...[iv, text, cipher.getAuthTag()].map(part)].join('.')
}

