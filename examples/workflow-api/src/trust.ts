/**
 * Whom this service trusts, in one place: one portal, one audience, one algorithm.
 *
 * The token is all this service knows about a person. `@gatehouse/hono` checks it by itself, against the portal's public keys and its
 * revocation feed; no request waits for the portal. Rights come from `permissions` alone: `role` is a label for people.
 */
import { gatehouse, type Gatehouse } from '@gatehouse/hono'
import type { Settings } from './settings.ts'

type Trust = Pick<Settings, 'issuer' | 'audience' | 'algorithm' | 'feed' | 'maxStale'>

/** `world` is for tests: another network, another clock. */
export function trust({ issuer, audience, algorithm, feed, maxStale }: Trust, world?: Parameters<typeof gatehouse>[1]): Gatehouse {
  return gatehouse({ issuer, audience, algorithms: [algorithm], feed, maxStale }, world)
}
