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
export type { VerifierOptions } from './options.ts'
