/**
 * May they? Each guard goes behind `authenticate`; without it everybody is anonymous. Rights come from `permissions` alone. What
 * a caller may not know of is 404, as if it were missing; what they know of and may not do is 403.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { canonical } from './permission.ts'
import { anonymous, insufficient, notFound, stepUpRequired, type Refusal } from './refusal.ts'
import type { Env, User } from './types.ts'

/** Whose something is. With `tenantId` it also has to be of the caller's tenant, whatever they may do. */
export type Owner = string | { userId: string; tenantId?: string | null }

export interface Guards {
  /** All of these, or 403 (req 96). `workflow.read` is read as `workflow:read`, here and below. */
  requirePermission(...all: string[]): MiddlewareHandler<Env>
  /** The same, as a list. */
  requirePermissions(all: readonly string[]): MiddlewareHandler<Env>
  /** One of these, or 403. */
  requireAnyPermission(any: readonly string[]): MiddlewareHandler<Env>
  /** One of these roles, or 403. A role is a label: prefer a permission. */
  requireRole(role: string | readonly string[]): MiddlewareHandler<Env>
  /** The route's parameter names the caller's tenant, or 404. */
  requireTenant(parameter?: string): MiddlewareHandler<Env>
  /**
   * The caller owns what the route is about, or holds `orPermission`; otherwise, and when `load` finds nothing, 404 (req 98).
   * What `load` throws goes to `app.onError`.
   */
  requireOwner(load: (c: Context) => Owner | null | undefined | Promise<Owner | null | undefined>, orPermission?: string): MiddlewareHandler<Env>
  /**
   * The person proved a factor within `maxAge` seconds, by one of `methods` (`amr`, RFC 8176) if given; otherwise 401
   * `step_up_required` with the challenge of RFC 9470. An API key is nobody who could: 403.
   */
  stepUp(rule: { maxAge: number; methods?: readonly string[] }): MiddlewareHandler<Env>
}

type Rule = (user: User, c: Context<Env>) => Refusal | null | Promise<Refusal | null>

/** `answer` makes a refusal a response; `now` is in seconds. */
export function guards(answer: (refusal: Refusal, c: Context) => Response | Promise<Response>, now: () => number): Guards {
  const guard = (rule: Rule): MiddlewareHandler<Env> => {
    return async (c, next) => {
      const user = c.get('user') as User | undefined
      const refusal = user ? await rule(user, c) : anonymous
      if (refusal) return answer(refusal, c)
      await next()
    }
  }
  const requirePermissions = (named: readonly string[]) => {
    const all = some(named).map(canonical)
    return guard(({ permissions }) => (all.every((one) => permissions.includes(one)) ? null : insufficient(all)))
  }
  return {
    requirePermission: (...all) => requirePermissions(all),
    requirePermissions,
    requireAnyPermission: (named) => {
      const any = some(named).map(canonical)
      return guard(({ permissions }) => (any.some((one) => permissions.includes(one)) ? null : insufficient(any)))
    },
    requireRole: (role) => {
      const roles = some(typeof role === 'string' ? [role] : role)
      return guard((user) => (roles.includes(user.role) ? null : insufficient()))
    },
    requireTenant: (parameter = 'tenantId') => {
      return guard(({ tenantId }, c) => (tenantId !== null && c.req.param(parameter) === tenantId ? null : notFound))
    },
    requireOwner: (load, orPermission) => guard(async (user, c) => (mayReach(await load(c), user, orPermission) ? null : notFound)),
    stepUp: ({ maxAge, methods }) => {
      return guard((user) => {
        if (user.keyId !== undefined) return insufficient()
        const recent = user.authTime !== undefined && now() - user.authTime <= maxAge
        const proven = !methods || methods.some((method) => user.methods?.includes(method))
        return recent && proven ? null : stepUpRequired(maxAge)
      })
    },
  }
}

/** A guard that asks for nothing is a mistake: an empty list would let everybody in, or nobody. */
function some(list: readonly string[]): readonly string[] {
  if (list.length === 0) throw new TypeError('@gatehouse/hono: a guard needs at least one permission or role')
  return list
}

function mayReach(owner: Owner | null | undefined, user: User, orPermission: string | undefined): boolean {
  if (owner === null || owner === undefined) return false
  const { userId, tenantId } = typeof owner === 'string' ? { userId: owner } : owner
  if (tenantId !== undefined && tenantId !== user.tenantId) return false
  return userId === user.userId || (orPermission !== undefined && user.permissions.includes(canonical(orPermission)))
}
