/** No signature, somebody else's, or one that was made for something else (RFC 8725, sections 2.1 and 3.1). */
import { randomBytes } from 'node:crypto'
import { by, type Attack } from '../attack.ts'
import { ecKey, hmac, part, signature, type Forge } from '../forge.ts'

export function signatures(forge: Forge): Attack[] {
  return [...unsigned(forge), ...confused(forge), ...broken(forge), ...tampered(forge)]
}

function unsigned(forge: Forge): Attack[] {
  const none = ['none', 'None', 'NONE', 'nOnE'].map((alg) => {
    return by('believes alg none', `alg ${alg}`, 'no signature at all', forge.with({ alg }, () => ''))
  })
  const [header, payload] = forge.with({ alg: 'none' }, () => '').split('.')
  const kept = forge.with({ alg: 'none' }, (input) => signature(input, forge.stranger).toString('base64url'))
  const unnamed = forge.with({ alg: 'none', kid: undefined }, () => '')
  return [
    ...none,
    by('believes alg none', 'alg none, two parts', 'no signature, and no dot for one', `${header}.${payload}`),
    by('believes alg none', 'alg none, signed', 'no algorithm, but something where the signature goes', kept),
    by('believes alg none', 'alg none, no kid', 'no signature and no key', unnamed),
    by('checks no signature', 'no alg', 'the header names no algorithm', forge.with({ alg: undefined }, () => '')),
    by('checks no signature', 'alg null', 'the algorithm is null', forge.with({ alg: null }, () => '')),
    by('checks no signature', 'alg empty', 'the algorithm is an empty text', forge.with({ alg: '' }, () => '')),
    by('checks no signature', 'alg list', 'the algorithm is a list', forge.with({ alg: ['ES256', 'none'] }, () => '')),
  ]
}

/** The algorithm is the attacker's choice, the key is not (RFC 8725, section 2.1). */
function confused(forge: Forge): Attack[] {
  const { current, stranger } = forge
  const { jwk, publicKey } = current
  const pem = publicKey.export({ format: 'pem', type: 'spki' }) as string
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(jwk.x!, 'base64url'), Buffer.from(jwk.y!, 'base64url')])
  const secrets: [string, string | Buffer][] = [
    ['JWK', JSON.stringify(jwk)],
    ['JWK set', JSON.stringify({ keys: [jwk, forge.withdrawn.jwk] })],
    ['PEM', pem],
    ['PEM without its last line break', pem.trimEnd()],
    ['DER', publicKey.export({ format: 'der', type: 'spki' })],
    ['raw x', Buffer.from(jwk.x!, 'base64url')],
    ['x as text', jwk.x!],
    ['point', point],
    ['kid', jwk.kid],
  ]
  const p384 = ecKey('P-384', 'ES384')
  const lying = (alg: string) => forge.token({}, { alg })
  return [
    ...secrets.map(([what, secret]) => {
      return by('takes the public key for an HMAC secret', `HS256, ${what}`, 'the public key as the secret', forge.with({ alg: 'HS256' }, hmac(secret)))
    }),
    by('takes the public key for an HMAC secret', 'HS512, PEM', 'the same with a longer hash', forge.with({ alg: 'HS512' }, hmac(pem, 'sha512'))),
    by('takes an empty secret', 'HS256, empty', 'an empty secret', forge.with({ alg: 'HS256' }, hmac(''))),
    by('ignores the header’s alg', 'alg es256', 'the algorithm in lower case, well signed', lying('es256')),
    by('ignores the header’s alg', 'alg RS256', 'well signed, but not as the header says', lying('RS256')),
    by('ignores the header’s alg', 'alg ES384', 'well signed, but of another curve by its header', lying('ES384')),
    by('ignores the header’s alg', 'alg ES256K', 'well signed, but of a curve of coins by its header', lying('ES256K')),
    by('ignores the header’s alg', 'alg HS256, ES256 signature', 'well signed, but a MAC by its header', lying('HS256')),
    by('checks no signature', 'P-384 key', 'signed by a key of another curve', forge.signed(forge.header({ alg: 'ES384' }), forge.claims(), p384)),
    by('checks no signature', 'stranger’s key', 'our kid, somebody else’s signature', forge.token({}, { kid: current.kid }, stranger)),
  ]
}

/** Bytes that are no signature, or not in the form of one (CVE-2022-21449 among them). */
function broken(forge: Forge): Attack[] {
  const signed = (change: (bytes: Buffer) => Buffer) => forge.with({}, (input) => change(signature(input, forge.current)).toString('base64url'))
  const der = (input: string) => signature(input, forge.current, 'der').toString('base64url')
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
  return [
    by('checks no signature', 'signature empty', 'ES256, and nothing where the signature goes', signed(() => Buffer.alloc(0))),
    by('checks no signature', 'signature cut', 'half a signature', signed((bytes) => bytes.subarray(0, 32))),
    by('checks no signature', 'signature random', 'random bytes', signed(() => randomBytes(64))),
    by('checks no signature', 'signature reversed', 's and r', signed((bytes) => Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)]))),
    by('takes r = s = 0', 'psychic signature', 'r and s are zero', signed(() => Buffer.alloc(64))),
    by('takes r = s = 0', 'r and s are the order', 'zero by another name', signed(() => Buffer.concat([order, order]))),
    by('looks at the first 64 bytes of a signature', 'signature doubled', 'the signature twice', signed((bytes) => Buffer.concat([bytes, bytes]))),
    by('looks at the first 64 bytes of a signature', 'signature and a byte', 'one byte more', signed((bytes) => Buffer.concat([bytes, Buffer.from([0])]))),
    by('takes DER signatures', 'DER signature', 'well signed, in the other form', forge.with({}, der)),
  ]
}

/** A good token, changed afterwards. */
function tampered(forge: Forge): Attack[] {
  const [header, payload, last] = forge.token().split('.') as [string, string, string]
  const first = last[0] === 'A' ? 'B' : 'A'
  const permissions = [...forge.lore.permissions, 'system:config']
  const hole = 'checks no signature'
  return [
    by(hole, 'payload changed', 'another subject under a good signature', `${header}.${part(forge.claims({ sub: 'admin', userId: 'admin' }))}.${last}`),
    by(hole, 'rights added', 'more permissions under a good signature', `${header}.${part(forge.claims({ permissions }))}.${last}`),
    by(hole, 'life prolonged', 'a later exp under a good signature', `${header}.${part(forge.claims({ exp: forge.lore.now + 7200 }))}.${last}`),
    by(hole, 'header changed', 'another member in the header under a good signature', `${part(forge.header({ x: 1 }))}.${payload}.${last}`),
    by(hole, 'signature changed', 'its first character', `${header}.${payload}.${first}${last.slice(1)}`),
    by(hole, 'signature of another token', 'taken from a good one', `${header}.${payload}.${forge.token({ jti: 'token-2' }).split('.')[2]}`),
    by('caches by the first characters', 'a good start', 'the first 20 characters of a good token, and nothing of it', `${header.slice(0, 20)}.x.x`),
  ]
}
