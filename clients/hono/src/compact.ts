/** A JWS in compact form (RFC 7515, section 7.1), read but not believed: the signature is somebody else's to check. */
import { compactVerify, type CryptoKey } from 'jose'
import { bytesOf } from './base64url.ts'
import { isText, objectOf } from './json.ts'

export interface Compact {
  /** The text itself. */
  readonly text: string
  readonly alg: string
  readonly kid: string
  readonly typ: string
  /** Nothing in here is true before {@link isSignedBy} says so. */
  readonly payload: Record<string, unknown>
}

/** Longer than any token that fits into a request's headers. */
const longestToken = 16 * 1024

/**
 * `null` for whatever is not three canonical parts, with a header that names `alg`, `kid` and `typ` as text and demands nothing
 * (`crit`, `b64`), and a payload that is a JSON object. Key material in the header (`jwk`, `jku`, `x5u`, `x5c`) is never looked at.
 */
export function readCompact(text: string, longest = longestToken): Compact | null {
  if (typeof text !== 'string' || text.length > longest) return null
  const parts = text.split('.', 4)
  if (parts.length !== 3) return null
  const header = jsonOf(parts[0]!)
  const payload = jsonOf(parts[1]!)
  if (!header || !payload || !bytesOf(parts[2]!)) return null
  const { alg, kid, typ } = header
  if (!isText(alg) || !isText(kid) || !isText(typ) || 'crit' in header || 'b64' in header) return null
  return { text, alg, kid, typ, payload }
}

function jsonOf(part: string): Record<string, unknown> | null {
  const bytes = bytesOf(part)
  if (!bytes) return null
  try {
    return objectOf(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return null // no UTF-8
  }
}

/** A public key and the one algorithm it is for. */
export interface PublicKey {
  readonly alg: string
  readonly key: CryptoKey
}

/** Whether the signature holds under this key, by the key's own algorithm: the header has to agree and is never asked. */
export async function isSignedBy(compact: Compact, { alg, key }: PublicKey): Promise<boolean> {
  if (compact.alg !== alg) return false
  try {
    await compactVerify(compact.text, key, { algorithms: [alg] })
    return true
  } catch {
    return false
  }
}
