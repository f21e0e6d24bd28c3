/** base64url (RFC 4648, section 5) without padding, in its one canonical spelling: no other text stands for the same bytes. */

/** `null` for anything but the canonical spelling. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return null
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  // The last character may carry bits that stand for nothing; a second spelling of a token would be a second token to a cache.
  return base64url(bytes) === text ? bytes : null
}

export function base64url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
