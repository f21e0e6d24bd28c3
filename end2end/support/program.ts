/** A server of ours as a child process: started on a free port, waited for, stopped, its output kept for the report. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export class Program {
  output = ''
  readonly #child: ChildProcess
  #failure: string | null = null

  constructor(
    readonly name: string,
    command: string,
    args: string[],
    options: { cwd: string; env: Record<string, string> },
  ) {
    this.#child = spawn(command, args, { ...options, env: bare(options.env), stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text))
    }
    this.#child.on('error', (error) => (this.#failure = `${name} cannot be started: ${error.message}`))
    this.#child.on('exit', (code, signal) => (this.#failure = `${name} ended by itself (${code ?? signal})`))
  }

  /** Until `ready` gives something, or the program dies, or the time is up. */
  async until<T>(what: string, ready: () => T | null | undefined | Promise<T | null | undefined>): Promise<T> {
    const end = Date.now() + 30_000
    while (Date.now() < end && this.#failure === null) {
      const value = await ready()
      if (value !== null && value !== undefined) return value
      await sleep(25)
    }
    throw new Error(`${this.#failure ?? `${this.name}: no ${what} within 30 s`}\n${this.output}`)
  }

  answers(url: string): Promise<true> {
    return this.until(`answer from ${url}`, () => fetch(url).then((answer) => answer.ok || null, () => null))
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5000)
    await gone
    clearTimeout(late)
  }
}

/** Only what a program needs: a developer's own DATABASE_URL or PORT must not reach it. */
export function bare(env: Record<string, string>): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'RUST_LOG', 'RUST_BACKTRACE', 'LLVM_PROFILE_FILE']
  return { ...Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))), ...env }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
