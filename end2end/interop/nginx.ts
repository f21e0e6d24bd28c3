/** A real nginx around a recipe: one process of its own, with its own port and folder, that leaves nothing behind. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, Program } from '../support/program.ts'

/** Debian puts it where only root looks. */
const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`

/** Why nginx cannot be run here, or null when it can. */
export function nginxTrouble(): string | null {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'pipe', env: { PATH: path } })
    return null
  } catch (error) {
    return `there is no nginx (Debian: nginx-light): ${(error as Error).message}`
  }
}

export class Nginx {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly program: Program,
  ) {}

  /** The recipe, with these addresses in place of its own. */
  static async start(portal: string, upstream: string): Promise<Nginx> {
    const url = `http://127.0.0.1:${await freePort()}`
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-nginx-'))
    const recipe = await readFile(join(import.meta.dirname, 'recipes/nginx.conf'), 'utf8')
    const addresses = { '127.0.0.1:8080': url, '127.0.0.1:3000': portal, '127.0.0.1:3013': upstream }
    const server = Object.entries(addresses).reduce((text, [ours, real]) => {
      if (!text.includes(ours)) throw new Error(`the recipe does not name ${ours}`)
      return text.replace(ours, new URL(real).host)
    }, recipe)
    const config = join(folder, 'nginx.conf')
    await writeFile(config, around(server, folder))
    const program = new Program('nginx', 'nginx', ['-p', folder, '-c', config, '-e', 'stderr'], { cwd: folder, env: { PATH: path } })
    const nginx = new Nginx(url, folder, program)
    try {
      await program.until('answer from nginx', () => fetch(url).then(() => true, () => null))
      return nginx
    } catch (error) {
      await nginx.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    await this.program.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}

function around(server: string, folder: string): string {
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`)
  return `daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;
events {}
http {
access_log off;
${places.join('\n')}
${server}
}
`
}
