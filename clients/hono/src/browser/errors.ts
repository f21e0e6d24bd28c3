/** What went wrong, as the portal or the API said it. Never holds a token, a password or an answer's text. */
export class GatehouseError extends Error {
  override readonly name = 'GatehouseError'

  constructor(
    /** The HTTP status; 0 where no answer came. */
    readonly status: number,
    /** The `code` of the answer (`invalid_credentials`, `rate_limited` …), or `unreachable`, or `unexpected_answer`. */
    readonly code: string,
    message: string,
    readonly more: {
      /** Seconds, from `Retry-After`. */
      retryAfter?: number
      /** What is wrong with which field of a form. */
      errors?: readonly FieldError[]
      cause?: unknown
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
  }
}

export interface FieldError {
  field: string
  code: string
  message: string
}

/** The error an answer carries: the portal's problem document, or `{ error: { code, message } }`, or neither. */
export async function errorOf(answer: Response): Promise<GatehouseError> {
  const body = await jsonOf(answer)
  const inner = isRecord(body?.error) ? body.error : undefined
  const code = text(body?.code) ?? text(inner?.code) ?? codeOfChallenge(answer) ?? 'unexpected_answer'
  const message = text(body?.detail) ?? text(inner?.message) ?? `The answer was ${answer.status}.`
  const seconds = Number(answer.headers.get('Retry-After') ?? NaN)
  return new GatehouseError(answer.status, code, message, {
    ...(Number.isFinite(seconds) && seconds >= 0 && { retryAfter: seconds }),
    ...(Array.isArray(body?.errors) && { errors: body.errors.filter(isFieldError) }),
  })
}

export async function jsonOf(answer: Response): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = await answer.json()
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** RFC 6750, section 3.1: an API that says nothing else at least says `invalid_token`. */
function codeOfChallenge(answer: Response): string | undefined {
  return /\berror="([a-z_]+)"/.exec(answer.headers.get('WWW-Authenticate') ?? '')?.[1]
}

function isFieldError(value: unknown): value is FieldError {
  return isRecord(value) && ['field', 'code', 'message'].every((name) => typeof value[name] === 'string')
}
