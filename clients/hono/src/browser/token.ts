/**
 * An access token in memory, and how long it still is good.
 *
 * Its `exp` is never compared with this machine's clock, which may be hours off. What counts is `expiresIn`, what the portal
 * said when it gave the token, and the time that has passed here since then, by two clocks: the monotonic one, which
 * nobody can set but which may stand still while the machine sleeps, and the wall clock, which does not. The longer time is believed.
 */
import { isRecord } from './errors.ts'
import type { Surroundings } from './surroundings.ts'

type Clocks = Pick<Surroundings, 'monotonic' | 'wall'>

/** Whose token it is. Both from the token, unverified: good for noticing a change, for nothing else. */
export interface Holder {
  sub: string
  sid: string | null
  tenantId: string | null
}

const longestToken = 8192
const longestLife = 24 * 60 * 60 * 1000

export class HeldToken {
  readonly #monotonic: number
  readonly #wall: number

  private constructor(
    readonly value: string,
    /** How long it is good in all, in milliseconds. */
    readonly lifetime: number,
    readonly holder: Holder,
    private readonly clocks: Clocks,
    age: number,
  ) {
    this.#monotonic = clocks.monotonic() - age
    this.#wall = clocks.wall() - age
  }

  /** `null` for what is no token: another type, too long, no JWT, without a time that makes sense. */
  static from(value: unknown, lifetime: unknown, clocks: Clocks, age: unknown = 0): HeldToken | null {
    if (typeof value !== 'string' || value.length > longestToken) return null
    if (!isTime(lifetime) || lifetime === 0 || !isTime(age)) return null
    const holder = holderOf(value)
    return holder && new HeldToken(value, lifetime, holder, clocks, age)
  }

  /** Milliseconds since the portal gave it. */
  age(): number {
    return Math.max(0, this.clocks.monotonic() - this.#monotonic, this.clocks.wall() - this.#wall)
  }

  remaining(): number {
    return this.lifetime - this.age()
  }

  /**
   * Whether it will last for `wanted` milliseconds more. A portal may be set to lives shorter than that; then the first third
   * of a life has to do, or every call would fetch another token.
   */
  lasts(wanted: number): boolean {
    const remaining = this.remaining()
    return remaining > 0 && remaining >= Math.min(wanted, (this.lifetime * 2) / 3)
  }

  belongsTo({ sub, sid, tenantId }: Holder): boolean {
    return this.holder.sub === sub && this.holder.sid === sid && this.holder.tenantId === tenantId
  }
}

/** The seconds a token lives by its own words (`exp` − `iat`), where nobody said `expiresIn`. */
export function lifeInside(token: string): number | undefined {
  const { iat, exp } = payloadOf(token) ?? {}
  return typeof iat === 'number' && typeof exp === 'number' && exp > iat ? exp - iat : undefined
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= longestLife
}

function holderOf(token: string): Holder | null {
  const { sub, sid, tenantId } = payloadOf(token) ?? {}
  if (typeof sub !== 'string') return null
  return { sub, sid: typeof sid === 'string' ? sid : null, tenantId: typeof tenantId === 'string' ? tenantId : null }
}

function payloadOf(token: string): Record<string, unknown> | undefined {
  const part = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token)?.[1]
  if (!part) return undefined
  try {
    const bytes = Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0))
    const payload: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return isRecord(payload) ? payload : undefined
  } catch {
    return undefined
  }
}
