/**
 * All SQL of this service. Every statement that reads or changes a workflow names the owner *and* the tenant: a row of
 * somebody else is not found, whoever asks and however the id was learnt.
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { User } from '@gatehouse/hono'
import Database from 'libsql'
import type { Definition, Outcome } from './definition.ts'

export interface Workflow {
  id: string
  name: string
  definition: Definition
  userId: string
  tenantId: string | null
  createdAt: string
}

export interface Run extends Outcome {
  id: string
  workflowId: string
  startedAt: string
  finishedAt: string
}

export type Owner = Pick<User, 'userId' | 'tenantId'>
export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

interface WorkflowRow {
  seq: number
  id: string
  name: string
  definition: string
  user_id: string
  tenant_id: string | null
  created_at: string
}

// `seq` orders the list and is its cursor; `id` is what callers see.
const schema = `
  create table if not exists workflows (
    seq integer primary key autoincrement,
    id text not null unique,
    user_id text not null,
    tenant_id text,
    name text not null,
    definition text not null,
    created_at text not null
  ) strict;
  create index if not exists workflows_of_owner on workflows (user_id, tenant_id, seq);
  create table if not exists runs (
    id text primary key,
    workflow_id text not null references workflows (id) on delete cascade,
    outcome text not null,
    started_at text not null,
    finished_at text not null
  ) strict;
  create index if not exists runs_of_workflow on runs (workflow_id, started_at);
`

export class Store {
  readonly #db: Database.Database

  constructor(file: string) {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
    this.#db = new Database(file, { timeout: 5000 })
    this.#db.exec('pragma foreign_keys = on')
    this.#db.exec(schema)
  }

  close(): void {
    this.#db.close()
  }

  listWorkflows(owner: Owner, limit: number, before: number): Page<Workflow> {
    const rows = this.#db
      .prepare('select * from workflows where user_id = ? and tenant_id is ? and seq < ? order by seq desc limit ?')
      .all(owner.userId, owner.tenantId, before, limit + 1) as WorkflowRow[]
    const items = rows.slice(0, limit)
    return { items: items.map(workflowFrom), nextCursor: rows.length > limit ? String(items.at(-1)!.seq) : null }
  }

  workflowById(owner: Owner, id: string): Workflow | null {
    const row = this.#db
      .prepare('select * from workflows where id = ? and user_id = ? and tenant_id is ?')
      .get(id, owner.userId, owner.tenantId) as WorkflowRow | undefined
    return row ? workflowFrom(row) : null
  }

  addWorkflow(owner: Owner, what: { name: string; definition: Definition }): Workflow {
    const workflow = {
      id: randomUUID(),
      name: what.name,
      definition: what.definition,
      userId: owner.userId,
      tenantId: owner.tenantId,
      createdAt: new Date().toISOString(),
    }
    this.#db
      .prepare('insert into workflows (id, user_id, tenant_id, name, definition, created_at) values (?, ?, ?, ?, ?, ?)')
      .run(
        workflow.id,
        workflow.userId,
        workflow.tenantId,
        workflow.name,
        JSON.stringify(workflow.definition),
        workflow.createdAt,
      )
    return workflow
  }

  deleteWorkflow(owner: Owner, id: string): boolean {
    const { changes } = this.#db
      .prepare('delete from workflows where id = ? and user_id = ? and tenant_id is ?')
      .run(id, owner.userId, owner.tenantId)
    return changes > 0
  }

  addRun(workflow: Workflow, { id, startedAt }: Pick<Run, 'id' | 'startedAt'>, outcome: Outcome): Run {
    const run = { id, workflowId: workflow.id, ...outcome, startedAt, finishedAt: new Date().toISOString() }
    this.#db
      .prepare('insert into runs (id, workflow_id, outcome, started_at, finished_at) values (?, ?, ?, ?, ?)')
      .run(run.id, run.workflowId, JSON.stringify(outcome), run.startedAt, run.finishedAt)
    return run
  }

  /** The latest runs. Takes a workflow that was found for its owner, never a bare id. */
  listRuns(workflow: Workflow, limit: number): Run[] {
    const rows = this.#db
      .prepare('select * from runs where workflow_id = ? order by started_at desc, rowid desc limit ?')
      .all(workflow.id, limit) as { id: string; outcome: string; started_at: string; finished_at: string }[]
    return rows.map((row) => ({
      id: row.id,
      workflowId: workflow.id,
      ...(JSON.parse(row.outcome) as Outcome),
      startedAt: row.started_at,
      finishedAt: row.finished_at,
    }))
  }
}

function workflowFrom(row: WorkflowRow): Workflow {
  return {
    id: row.id,
    name: row.name,
    definition: JSON.parse(row.definition) as Definition,
    userId: row.user_id,
    tenantId: row.tenant_id,
    createdAt: row.created_at,
  }
}
