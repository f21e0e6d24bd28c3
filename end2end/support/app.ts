/** A browser app on another port of this machine, so of the same site: one page around the browser client of `clients/hono`. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { AuthService } from '../../clients/hono/src/browser/index.ts'

declare global {
  interface Window {
    auth: AuthService
  }
}

const client = join(import.meta.dirname, '../../clients/hono/src/browser/index.ts')
const compiler = join(import.meta.dirname, '../node_modules/typescript/bin/tsc')

const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Test app</title><link rel="icon" href="data:,"></head><body>
<main><h1>Test app</h1><p role="status">starting</p><ul aria-label="Updates"></ul></main>
<script type="module">
  import { AuthService } from '/client/index.js'
  const settings = await (await fetch('/settings.json')).json()
  window.auth = new AuthService(settings)
  const say = (text) => (document.querySelector('[role=status]').textContent = text)
  auth.on('signed-in', () => say('signed in'))
  auth.on('signed-out', () => say('signed out'))
  if (!(await auth.restore())) say('signed out')
</script></body></html>`

export class App {
  readonly #files = new Map<string, { type: string; text: string }>([['/', { type: 'text/html', text: page }]])

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** Its address is known before anything else is started: the portal and the API must allow it. */
  static async start(): Promise<App> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const app = new App(server, `http://localhost:${(server.address() as AddressInfo).port}`)
    server.on('request', (request, response) => {
      const file = app.#files.get(request.url!)
      response.writeHead(file ? 200 : 404, { 'Content-Type': `${file?.type ?? 'text/plain'}; charset=utf-8` }).end(file?.text)
    })
    await app.#compile()
    return app
  }

  /** What the page calls. */
  settle(settings: { portalUrl: string; apiUrl: string }): void {
    this.#files.set('/settings.json', { type: 'application/json', text: JSON.stringify(settings) })
  }

  stop(): void {
    this.server.close()
    this.server.closeAllConnections()
  }

  async #compile(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-app-'))
    const target = ['--target', 'es2023', '--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2023,dom,dom.iterable']
    const emit = ['--rewriteRelativeImportExtensions', '--verbatimModuleSyntax', '--listEmittedFiles', '--outDir', folder]
    const { stdout } = await promisify(execFile)(process.execPath, [compiler, client, ...target, ...emit, '--types', '', '--strict', '--ignoreConfig'])
    for (const [, file] of stdout.matchAll(/^TSFILE: (.+\.js)$/gm)) {
      this.#files.set(`/client/${basename(file!)}`, { type: 'text/javascript', text: await readFile(file!, 'utf8') })
    }
    await rm(folder, { recursive: true })
  }
}
