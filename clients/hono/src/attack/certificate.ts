/** A certificate that anybody can make: self-signed (RFC 5280), for `x5c`. */
import { sign } from 'node:crypto'
import type { ForgeKey } from './forge.ts'

function der(tag: number, ...contents: Buffer[]): Buffer {
  const body = Buffer.concat(contents)
  const length = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const sequence = (...contents: Buffer[]) => der(0x30, ...contents)
const hex = (text: string) => Buffer.from(text, 'hex')
const ecdsaWithSha256 = sequence(der(0x06, hex('2a8648ce3d040302')))

/** DER. Good from 2020 to 2049. */
export function selfSigned({ publicKey, privateKey }: ForgeKey, commonName: string): Buffer {
  const name = sequence(der(0x31, sequence(der(0x06, hex('550403')), der(0x0c, Buffer.from(commonName)))))
  const validity = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')))
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  const version = der(0xa0, der(0x02, hex('02')))
  const body = sequence(version, der(0x02, hex('01')), ecdsaWithSha256, name, validity, name, spki)
  return sequence(body, ecdsaWithSha256, der(0x03, hex('00'), sign('sha256', body, privateKey)))
}
