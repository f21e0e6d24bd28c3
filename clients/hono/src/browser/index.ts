/** The part of this package that runs in browsers. It imports nothing of the others, and nothing from npm. */
export { AuthService, type AuthEvent, type AuthServiceOptions } from './auth-service.ts'
export { GatehouseError, type FieldError } from './errors.ts'
export { LiveConnection, type Closed, type LiveState, type Message } from './live.ts'
export type { LoginOutcome, RegisterOutcome, Registration } from './sign-in.ts'
export type { Channel, Locks, Page, Socket, Surroundings } from './surroundings.ts'
