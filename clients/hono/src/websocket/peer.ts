/** Who is at the other end, as far as the network tells. Nothing here is proof of anything. */
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

const longestAgent = 256

/**
 * The client's address. `X-Forwarded-For` is read only if the peer is a proxy that is trusted, and then from the right: each
 * trusted proxy has added the address it saw, and what stands left of the first untrusted one was written by anybody.
 */
export function clientAddress(request: IncomingMessage, isTrustedProxy: (address: string) => boolean): string {
  const peer = plain(request.socket.remoteAddress)
  if (peer === null) return 'unknown'
  if (!isTrustedProxy(peer)) return peer
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').reverse()
  let known = peer
  for (const text of forwarded) {
    const address = plain(text.trim())
    if (address === null) return known
    known = address
    if (!isTrustedProxy(address)) return known
  }
  return known
}

/** Visible ASCII, and not much of it: it is shown to people and written to logs. */
export function userAgent(request: IncomingMessage): string {
  return (request.headers['user-agent'] ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, longestAgent) || 'unknown'
}

/** An IPv4 address that came over an IPv6 socket is the IPv4 address. */
function plain(address: string | undefined): string | null {
  const bare = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(bare) === 0 ? null : bare
}
