/** Server-sent events (HTML standard, section 9.2), as much of them as the feed uses. */

export interface ServerEvent {
  name: string
  data: string
}

/** The events of a stream, until it ends. Throws on an event longer than `most` characters. */
export async function* eventsOf(body: ReadableStream<Uint8Array>, most: number): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let rest = ''
  let [name, data, length] = ['', [] as string[], 0]
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop()!
      for (const line of lines) {
        length += line.length
        if (line === '') {
          if (data.length > 0) yield { name: name || 'message', data: data.join('\n') }
          ;[name, data, length] = ['', [], 0]
        } else if (line.startsWith('data:')) data.push(valueOf(line))
        else if (line.startsWith('event:')) name = valueOf(line)
      }
      if (length + rest.length > most) throw new Error(`an event is longer than ${most} characters`)
    }
  } finally {
    reader.cancel().catch(() => {})
  }
}

function valueOf(line: string): string {
  return line.slice(line.indexOf(':') + 1).replace(/^ /, '')
}
