/** The routes under `/api/workflows`. One line a route: method, path, permission, what it does. */
import { randomUUID } from 'node:crypto'
import type { Env, Gatehouse } from '@gatehouse/hono'
import { Hono, type Context } from 'hono'
import { z } from 'zod'
import { definition, input, run } from './definition.ts'
import { Refusal, type FieldError } from './refusal.ts'
import type { Run, Store, Workflow } from './store.ts'
import type { Announce } from './updates.ts'

// Only these two members are ever read from the body. Who owns the workflow comes from the token: spreading the body
// into the insert would let anybody create rows for somebody else.
const newWorkflow = z.object({ name: z.string().trim().min(1).max(200), definition })
const execution = z.object({ input: input.default({}) })
const page = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.coerce.number().int().min(1).default(Number.MAX_SAFE_INTEGER),
})

export function workflows(store: Store, { requirePermission }: Pick<Gatehouse, 'requirePermission'>, announce: Announce) {
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
    return c.json({ run: execute(store, workflow, input, announce) })
  })

  routes.get('/:id/runs', requirePermission('workflow:read'), (c) => {
    const { limit } = parse(page, c.req.query())
    return c.json({ runs: store.listRuns(own(store, c), limit) })
  })

  return routes
}

/** Runs it, keeps the run, and tells the owner's open sockets how it goes. */
function execute(store: Store, workflow: Workflow, input: z.infer<typeof execution>['input'], announce: Announce): Run {
  const begun = { id: randomUUID(), startedAt: new Date().toISOString() }
  const about = { workflowId: workflow.id, runId: begun.id }
  const steps = workflow.definition.steps.length
  announce(workflow, { type: 'run:started', ...about, steps, startedAt: begun.startedAt })
  const outcome = run(workflow.definition, input, (step) => announce(workflow, { type: 'run:step', ...about, step, steps }))
  const finished = store.addRun(workflow, begun, outcome)
  const { status, finishedAt } = finished
  announce(workflow, { type: 'run:finished', ...about, status, finishedAt })
  return finished
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
