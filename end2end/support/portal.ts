/** One running portal with its own data, in development mode: real program, real database, mails in `/dev/mailbox`. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { bare, freePort, Program } from './program.ts'

export interface Person {
  email: string
  password: string
}

export interface Letter {
  id: string
  to: string
  subject: string
  text: string
  html: string
  createdAt: string
}

export interface Claims {
  sub: string
  email: string
  role: string
  permissions: string[]
  tenantId: string | null
}

const binary = resolve(process.env.GATEHOUSE_BIN ?? join(import.meta.dirname, '../../target/debug/gatehouse'))
/** The subject of the letter about a new device. */
export const newDevice = 'New sign-in to your account'
let people = 0

export class Portal {
  private constructor(
    readonly url: string,
    readonly dataDir: string,
    readonly program: Program,
    private readonly env: Record<string, string>,
  ) {}

  static async start(more: Record<string, string> = {}): Promise<Portal> {
    if (!existsSync(binary)) throw new Error(`No portal to test at ${binary}: build it, or set GATEHOUSE_BIN.`)
    const port = await freePort()
    const url = `http://localhost:${port}`
    const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-end2end-'))
    const env = {
      GATEHOUSE_SERVER__BIND: `127.0.0.1:${port}`,
      GATEHOUSE_SERVER__PUBLIC_URL: url,
      GATEHOUSE_DATA_DIR: dataDir,
      GATEHOUSE_DATABASE__URL: `sqlite://${dataDir}/gatehouse.db`,
      GATEHOUSE_LIMITS__MULTIPLIER: '0',
      // The least OWASP allows: what is tested here is not how slow a hash is.
      GATEHOUSE_HASH__MEMORY_KIB: '19456',
      GATEHOUSE_HASH__ITERATIONS: '2',
      GATEHOUSE_HASH__LANES: '1',
      ...more,
    }
    const program = new Program('gatehouse', binary, ['serve', '--dev'], { cwd: dataDir, env })
    const portal = new Portal(url, dataDir, program, env)
    try {
      await program.answers(`${url}/readyz`)
    } catch (error) {
      await portal.stop()
      throw error
    }
    return portal
  }

  async stop(): Promise<void> {
    await this.program.stop()
    await rm(this.dataDir, { recursive: true, force: true })
  }

  setUpLink(): Promise<string> {
    return this.program.until('set-up link', () => /^Set-up link: (\S+)$/m.exec(this.program.output)?.[1])
  }

  /** Another `gatehouse` command on the same data, beside the running server. */
  command(...args: string[]): Promise<string> {
    return this.feed('', ...args)
  }

  /** The same, with something to read. */
  feed(input: string, ...args: string[]): Promise<string> {
    return new Promise((done, failed) => {
      const command = execFile(binary, args, { cwd: this.dataDir, env: bare(this.env) }, (error, stdout, stderr) => {
        if (error) failed(new Error(`gatehouse ${args.join(' ')}: ${error.message}\n${stdout}${stderr}`))
        else done(stdout)
      })
      command.stdin?.end(input)
    })
  }

  /** Makes an admin, as an operator does at a terminal. */
  createAdmin({ email, password }: Person): Promise<string> {
    return this.feed(password, 'admin', 'create', '--email', email, '--password-stdin')
  }

  /** Nobody yet; `joined` is somebody with an account. */
  stranger(): Person {
    people += 1
    return { email: `person-${people}-${process.pid}@example.com`, password: 'violet-anchor-73-meadow' }
  }

  async joined(): Promise<Person> {
    const person = this.stranger()
    const { registrationToken } = await this.post('/api/auth/register', person)
    const code = codeIn(await this.letter(person))
    await this.post('/api/auth/verify-email', { code, registrationToken })
    return person
  }

  async post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Record<string, unknown>
  }

  /** Without the news of new devices: people join by program here and go on by browser. */
  async letters(person: Pick<Person, 'email'>): Promise<Letter[]> {
    return (await this.allLetters(person)).filter(({ subject }) => subject !== newDevice)
  }

  async allLetters({ email }: Pick<Person, 'email'>): Promise<Letter[]> {
    const answer = await fetch(`${this.url}/dev/mailbox.json`)
    if (!answer.ok) throw new Error(`/dev/mailbox.json: ${answer.status}`)
    return ((await answer.json()) as Letter[]).filter(({ to }) => to === email)
  }

  /** The newest letter to this person, once there are `count` of them. */
  letter(person: Pick<Person, 'email'>, count = 1): Promise<Letter> {
    return this.program.until(`letter ${count} to ${person.email}`, async () => {
      const letters = await this.letters(person)
      return letters.length >= count ? letters[0] : null
    })
  }
}

export function linkIn({ text }: Letter): string {
  const link = /https?:\/\/\S+\?token=[\w.~-]+/.exec(text)?.[0]
  if (!link) throw new Error(`No link in the letter:\n${text}`)
  return link
}

export function codeIn({ text }: Letter): string {
  const code = /\b\d{3}[ -]?\d{3}\b/.exec(text.replace(/https?:\/\/\S+/g, ''))?.[0]
  if (!code) throw new Error(`No code in the letter:\n${text}`)
  return code.replace(/\D/g, '')
}

export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Claims
}
