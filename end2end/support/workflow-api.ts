/** `examples/workflow-api`, trusting one portal. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Portal } from './portal.ts'
import { freePort, Program } from './program.ts'

const folder = join(import.meta.dirname, '../../examples/workflow-api')

export class WorkflowApi {
  private constructor(
    readonly url: string,
    readonly program: Program,
  ) {}

  /** `allowedOrigins`: where browser apps may call it from. */
  static async start(portal: Portal, allowedOrigins = portal.url): Promise<WorkflowApi> {
    if (!existsSync(join(folder, 'node_modules'))) throw new Error('Run `npm ci` in examples/workflow-api first.')
    const port = await freePort()
    const url = `http://localhost:${port}`
    const env = {
      PORT: String(port),
      AUTH_ISSUER: portal.url,
      AUTH_AUDIENCE: 'workflow-api',
      ALLOWED_ORIGINS: allowedOrigins,
      DATABASE_FILE: join(portal.dataDir, 'workflows.db'),
    }
    const args = ['--conditions=gatehouse-source', '--import', 'tsx', 'src/main.ts']
    const program = new Program('workflow-api', process.execPath, args, { cwd: folder, env })
    await program.answers(`${url}/public/status`)
    return new WorkflowApi(url, program)
  }

  call(method: string, path: string, token: string, body?: unknown) {
    return this.callWith({ Authorization: `Bearer ${token}` }, method, path, body)
  }

  /** With whatever credential the headers hold. */
  async callWith(headers: Record<string, string>, method: string, path: string, body?: unknown) {
    const answer = await fetch(this.url + path, {
      method,
      headers: { ...headers, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: await answer.json() }
  }
}
