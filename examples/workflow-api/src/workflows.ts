/** The routes under `/api/workflows`. One line a route: method, path, permission, what it does. */
import { Hono, type Context } from 'hono'
import { z } from 'zod'
import { requirePermission, type Env } from './auth.ts'
import { definition, input, run } from './definition.ts'
import { Refusal, type FieldError } from './refusal.ts'
import type { Store, Workflow } from './store.ts'

// Only these two members are ever read from the body. Who owns the workflow comes from the token: spreading the body
// into the insert would let anybody create rows for somebody else.
const newWorkflow = z.object({ name: z.string().trim().min(1).max(200), definition })
const execution = z.object({ input: input.default({}) })
const page = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.coerce.number().int().min(1).default(Number.MAX_SAFE_INTEGER),
})

export function workflows(store: Store) {
  const routes = new Hono<Env>()

  routes.get('/', requirePermission('workflow:read'), (c) => {
    const { limit, cursor } = parse(page, c.req.query())
    const { items, nextCursor } = store.listWorkflows(c.get('user'), limit, cursor)
    return c.json({ workflows: items, nextCursor })
  })

  routes.post('/', requirePermission('workflow:create'), async (c) => {
    const { name, definition } = parse(newWorkflow, await json(c))
    return c.json(store.addWorkflow(c.get('user'), { name, definition }), 201)
  })

  routes.get('/:id', requirePermission('workflow:read'), (c) => c.json({ workflow: own(store, c) }))

  routes.delete('/:id', requirePermission('workflow:delete'), (c) => {
    if (!store.deleteWorkflow(c.get('user'), c.req.param('id'))) throw notFound()
    return c.body(null, 204)
  })

  routes.post('/:id/execute', requirePermission('workflow:execute'), async (c) => {
    const workflow = own(store, c)
    const { input } = parse(execution, await json(c, { optional: true }))
    const startedAt = new Date().toISOString()
    return c.json({ run: store.addRun(workflow, startedAt, run(workflow.definition, input)) })
  })

  routes.get('/:id/runs', requirePermission('workflow:read'), (c) => {
    const { limit } = parse(page, c.req.query())
    return c.json({ runs: store.listRuns(own(store, c), limit) })
  })

  return routes
}

/** Foreign and missing look the same: 404. A 403 would tell a stranger that the id exists. */
function own(store: Store, c: Context<Env, '/:id'>): Workflow {
  const workflow = store.workflowById(c.get('user'), c.req.param('id'))
  if (!workflow) throw notFound()
  return workflow
}

function notFound(): Refusal {
  return new Refusal(404, 'not_found', 'Workflow not found')
}

async function json(c: Context, { optional = false } = {}): Promise<unknown> {
  const text = await c.req.text()
  if (optional && text === '') return {}
  const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new Refusal(415, 'unsupported_media_type', 'Send application/json')
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'invalid_json', 'The body is not JSON')
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new Refusal(400, 'invalid_request', 'Some members are wrong', { errors: result.error.issues.map(fieldError) })
}

const fieldCodes: Record<string, string> = { too_big: 'too_long', too_small: 'too_short' }

function fieldError({ path, code, message }: z.core.$ZodIssue): FieldError {
  return { field: path.join('.'), code: fieldCodes[code] ?? 'invalid', message }
}
