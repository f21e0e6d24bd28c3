/** Every answer that is not a success: `{ error: { message, status, code } }`, as the portal's own API says it. */
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

export interface FieldError {
  field: string
  code: string
  message: string
}

export class Refusal extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    message: string,
    readonly more: { headers?: Record<string, string>; errors?: FieldError[] } = {},
  ) {
    super(message)
  }
}

export function answerError(error: Error, c: Context): Response {
  if (error instanceof Refusal) {
    const { status, code, message, more } = error
    return c.json({ error: { message, status, code }, ...(more.errors && { errors: more.errors }) }, status, more.headers)
  }
  if (error instanceof HTTPException) {
    const { status } = error
    return c.json({ error: { message: error.message || 'Bad request', status, code: 'invalid_request' } }, status)
  }
  // The cause is for the log; the caller learns nothing about our insides.
  console.error(error)
  return c.json({ error: { message: 'Internal error', status: 500, code: 'internal' } }, 500)
}
