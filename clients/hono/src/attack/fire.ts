/** Sends one request as it is written: no library on the way that would mend it. */
import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import type { Sending } from './attack.ts'

export interface Target {
  url: string
  method: string
  /** `Name: value`. Where a value holds `{token}`, tokens go; by default into `Authorization: Bearer {token}`. */
  headers: readonly string[]
}

/** What the service made of it. */
export type Outcome =
  /** Any 2xx. */
  | 'in'
  | 'refused'
  /** 5xx: not let in, but not refused either. */
  | 'error'
  /** 429 or no answer in time: nothing is known. */
  | 'unclear'

export interface Shot {
  outcome: Outcome
  /** `null`: the connection ended without one. */
  status: number | null
}

const timeout = 15_000

/** Throws when nobody listens there at all. */
export async function fire(target: Target, send: Sending): Promise<Shot> {
  const url = new URL(target.url)
  if ('query' in send) for (const [name, value] of Object.entries(send.query)) url.searchParams.append(name, value)
  const status = await statusOf(url, target.method, headersOf(target, send))
  return { status: typeof status === 'number' ? status : null, outcome: outcomeOf(status) }
}

function outcomeOf(status: number | 'ended' | 'silent'): Outcome {
  if (status === 'silent' || status === 429) return 'unclear'
  if (status === 'ended') return 'refused'
  return status >= 200 && status < 300 ? 'in' : status >= 500 ? 'error' : 'refused'
}

function headersOf({ headers }: Target, send: Sending): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = {}
  const given = headers.some((header) => header.includes('{token}')) ? headers : [...headers, 'Authorization: Bearer {token}']
  for (const header of given) {
    const colon = header.indexOf(':')
    const [name, value] = [header.slice(0, colon).trim(), header.slice(colon + 1).trim()]
    if (!value.includes('{token}')) all[name] = value
    else if ('token' in send) all[name] = value.replace('{token}', () => send.token)
  }
  if ('authorization' in send) all.Authorization = send.authorization
  return 'headers' in send ? { ...all, ...send.headers } : all
}

function statusOf(url: URL, method: string, headers: Record<string, string | string[]>): Promise<number | 'ended' | 'silent'> {
  return new Promise((resolve, reject) => {
    // A connection each: what one request does to it must not meet the next.
    const request = (url.protocol === 'https:' ? overHttps : overHttp)(url, { method, headers, agent: false, timeout })
    request.on('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 'ended')
    })
    request.on('timeout', () => {
      resolve('silent')
      request.destroy()
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOTFOUND') reject(error)
      else resolve('ended')
    })
    request.end()
  })
}
