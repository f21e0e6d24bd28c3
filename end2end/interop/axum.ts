/** The example of the crate for axum, as a service of its own. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, Program } from '../support/program.ts'

const binary = join(import.meta.dirname, '../../target/debug/examples/protected')

/** Why it cannot be asked here, or null when it can. */
export function axumTrouble(): string | null {
  return existsSync(binary) ? null : `there is no ${binary}: cargo build --package gatehouse-axum --example protected`
}

export class Axum {
  private constructor(
    private readonly url: string,
    private readonly program: Program,
  ) {}

  static async start(issuer: string): Promise<Axum> {
    const address = `127.0.0.1:${await freePort()}`
    const program = new Program('the axum example', binary, [issuer, address], { cwd: import.meta.dirname, env: {} })
    const axum = new Axum(`http://${address}/api/workflows`, program)
    await program.until('answer', () => fetch(axum.url).then(() => true as const, () => null))
    return axum
  }

  async subject(token: string): Promise<string> {
    const answer = await fetch(this.url, { headers: { Authorization: `Bearer ${token}` } })
    const text = await answer.text()
    const subject = /^The workflows of (\S+) go here\.$/.exec(text)?.[1]
    if (answer.status !== 200 || !subject) throw new Error(`${answer.status} ${text}`)
    return subject
  }

  stop(): Promise<void> {
    return this.program.stop()
  }
}
