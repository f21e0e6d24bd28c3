/** Reading what a stranger sends: bounded, typed, and with no way to reach a prototype. */

/** What every message is: an object with a `type`. The rest is for the validator of that type. */
export interface Message {
  type: string
  [member: string]: unknown
}

const deepest = 32
const typeName = /^[a-z][\w:.-]{0,63}$/i

/** `null` for whatever is no such message. The size was bounded before, by the WebSocket server. */
export function readMessage(text: string): Message | null {
  try {
    const value: unknown = JSON.parse(text)
    return isMessage(value) && isHarmless(value, deepest) ? value : null
  } catch {
    return null
  }
}

/** The one secret of a message that signs in or renews: exactly one, and a string of sane length. */
export function secretIn(message: Message): { ticket: string } | { token: string } | null {
  const { ticket, token } = message
  if (isText(ticket, 512) && token === undefined) return { ticket }
  if (isText(token, 8192) && ticket === undefined) return { token }
  return null
}

function isMessage(value: unknown): value is Message {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    'type' in value &&
    typeof value.type === 'string' &&
    typeName.test(value.type)
  )
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= longest
}

/**
 * Not too deep to be walked, and without the keys that reach a prototype. They do no harm until somebody merges the object into
 * another; so they do not get that far.
 */
function isHarmless(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  return Object.entries(value).every(([key, inner]) => {
    if (key === '__proto__') return false
    if (key === 'constructor' && typeof inner === 'object' && inner !== null && 'prototype' in inner) return false
    return isHarmless(inner, depth - 1)
  })
}

/** Tokens that come back with time (a bucket): `burst` at once, then `perSecond`. */
export class Rate {
  #left: number
  #at: number

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
    private readonly now: () => number,
  ) {
    this.#left = burst
    this.#at = now()
  }

  allows(): boolean {
    const now = this.now()
    this.#left = Math.min(this.burst, this.#left + (Math.max(0, now - this.#at) / 1000) * this.perSecond)
    this.#at = now
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
