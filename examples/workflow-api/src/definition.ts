/**
 * What a workflow is made of, and how it runs: a list of small steps over named values. No step can reach the network,
 * the disk or this program, and every size has a bound, so a stranger's definition is safe to run in the request.
 */
import { z } from 'zod'

const name = z.string().regex(/^[a-z][A-Za-z0-9_]{0,39}$/, 'Start with a small letter; letters, digits and _ only.')
const scalar = z.union([z.string().max(1000), z.number(), z.boolean()])
const operand = z.union([z.number(), z.object({ from: name })])

const step = z.discriminatedUnion('type', [
  z.object({ type: z.literal('set'), name, value: scalar }),
  z.object({ type: z.literal('add'), name, values: z.array(operand).min(1).max(20) }),
  z.object({ type: z.literal('multiply'), name, values: z.array(operand).min(1).max(20) }),
  z.object({ type: z.literal('text'), name, template: z.string().max(1000) }),
  z.object({ type: z.literal('log'), message: z.string().max(1000) }),
  z.object({ type: z.literal('check'), name, equals: scalar }),
])

export const definition = z.object({ steps: z.array(step).max(50) })
export const input = z.record(name, scalar).refine((values) => Object.keys(values).length <= 50, 'At most 50 values.')

export type Definition = z.infer<typeof definition>
export type Scalar = z.infer<typeof scalar>

export interface Outcome {
  status: 'succeeded' | 'failed'
  output: Record<string, Scalar>
  log: string[]
  /** Why it failed, for the owner. */
  error: string | null
}

/** A step that cannot go on. Any other exception is our fault, not the workflow's. */
class Stop extends Error {}

/** `onStep` hears the number of each step that is done, from 1. */
export function run({ steps }: Definition, given: Record<string, Scalar>, onStep: (done: number) => void = () => {}): Outcome {
  const values = new Map(Object.entries(given))
  const log: string[] = []
  for (const [index, step] of steps.entries()) {
    try {
      apply(step, values, log)
      onStep(index + 1)
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      return { status: 'failed', output: Object.fromEntries(values), log, error: `Step ${index + 1}: ${error.message}` }
    }
  }
  return { status: 'succeeded', output: Object.fromEntries(values), log, error: null }
}

function apply(step: Definition['steps'][number], values: Map<string, Scalar>, log: string[]): void {
  switch (step.type) {
    case 'set':
      values.set(step.name, step.value)
      return
    case 'add':
      values.set(step.name, finite(numbers(step.values, values).reduce((sum, value) => sum + value, 0)))
      return
    case 'multiply':
      values.set(step.name, finite(numbers(step.values, values).reduce((product, value) => product * value, 1)))
      return
    case 'text':
      values.set(step.name, fill(step.template, values))
      return
    case 'log':
      log.push(fill(step.message, values))
      return
    case 'check':
      if (read(step.name, values) !== step.equals) throw new Stop(`${step.name} is not ${JSON.stringify(step.equals)}`)
      return
  }
}

function read(name: string, values: Map<string, Scalar>): Scalar {
  const value = values.get(name)
  if (value === undefined) throw new Stop(`${name} has no value`)
  return value
}

function numbers(operands: z.infer<typeof operand>[], values: Map<string, Scalar>): number[] {
  return operands.map((operand) => {
    if (typeof operand === 'number') return operand
    const value = read(operand.from, values)
    if (typeof value !== 'number') throw new Stop(`${operand.from} is not a number`)
    return value
  })
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Stop('the result is too large')
  return value
}

/** `{{name}}` becomes the value. Bounded: a text built from itself fifty times would not fit into any memory. */
function fill(template: string, values: Map<string, Scalar>): string {
  const text = template.replace(/\{\{([a-z]\w*)\}\}/g, (_, name: string) => String(read(name, values)))
  if (text.length > 10_000) throw new Stop('the text is too long')
  return text
}
