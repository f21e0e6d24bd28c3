/** Answers of the portal, which may be slow, endless or somebody else's. */
import type { World } from './world.ts'

export interface Answer {
  status: number
  headers: Headers
  body: string
}

export interface Asking {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  /** Bytes of the largest body taken. */
  most: number
}

const timeout = 5_000

/** Fails after 5 s, on a body larger than `most`, and on a network error. Follows no redirect: the address is the trust. */
export async function download(world: World, url: string, { most, ...init }: Asking): Promise<Answer> {
  const answer = await world.fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeout) })
  return { status: answer.status, headers: answer.headers, body: await textOf(answer, most) }
}

async function textOf({ body }: Response, most: number): Promise<string> {
  if (!body) return ''
  const decoder = new TextDecoder()
  let [text, length] = ['', 0]
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    length += value.length
    if (length > most) {
      await reader.cancel()
      throw new Error(`the answer is larger than ${most} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}
