/** PyJWT in a process of its own, so that its key cache lives as long as a service's would. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const python = process.env.PYTHON ?? 'python3'

/** Why PyJWT cannot be asked here, or null when it can. */
export function pythonTrouble(): string | null {
  try {
    execFileSync(python, ['-c', 'import jwt, cryptography'], { stdio: 'pipe' })
    return null
  } catch (error) {
    const cure = 'pip install -r end2end/interop/requirements.txt, or set PYTHON'
    return `${python} has no PyJWT (${cure}): ${(error as Error).message}`
  }
}

export class PyJwt {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>

  /** `recipes` holds `gatehouse_tokens.py`. */
  constructor(issuer: string, recipes = join(import.meta.dirname, 'recipes')) {
    const env = { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', NO_PROXY: '*' }
    this.#child = spawn(python, [join(import.meta.dirname, 'ask.py'), recipes, issuer], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
  }

  async ready(): Promise<this> {
    const { ready } = await this.#next()
    if (!ready) throw new Error('PyJWT did not start')
    return this
  }

  async subject(token: string): Promise<string> {
    this.#child.stdin!.write(`${token}\n`)
    const { sub, refused } = await this.#next()
    if (!sub) throw new Error(refused)
    return sub
  }

  close(): void {
    this.#child.stdin!.end()
  }

  async #next(): Promise<Record<string, string>> {
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`${python} ended by itself`)
    return JSON.parse(value) as Record<string, string>
  }
}
