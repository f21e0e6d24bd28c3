export { gatehouse, type Gatehouse, type GatehouseOptions } from './gatehouse.ts'
export { createVerifier } from './verifier.ts'
export { Refusal, refusalOf, type Challenge, type ErrorShape } from './refusal.ts'
export type { HttpsRule } from './credentials.ts'
export type { Guards, Owner } from './guards.ts'
export type { NewTokenOptions } from './new-token.ts'
export type { OtherIssuer, VerifierOptions } from './options.ts'
export type { World } from './world.ts'
export type {
  Accepted,
  Algorithm,
  Claims,
  Ending,
  Env,
  FeedMode,
  OptionalEnv,
  Reason,
  Rejected,
  User,
  Verdict,
  Verifier,
} from './types.ts'
