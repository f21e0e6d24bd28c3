import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { start } from '../src/service.ts'
import { greeting, Portal, settings, token, world } from './world.ts'

const origin = 'http://app.example'

describe('a run', () => {
  it('is told to its owner step by step, without its values', async () => {
    const { call, announced } = world()
    const bearer = await token({ tenantId: 'acme' })
    const { body } = await call('POST', '/api/workflows', bearer, greeting)
    const { run } = (await call('POST', `/api/workflows/${body.id}/execute`, bearer, { input: { secret: 'tell nobody' } })).body

    const about = { workflowId: body.id, runId: run.id }
    assert.deepEqual(announced.map(({ update }) => update), [
      { type: 'run:started', ...about, steps: 3, startedAt: run.startedAt },
      { type: 'run:step', ...about, step: 1, steps: 3 },
      { type: 'run:step', ...about, step: 2, steps: 3 },
      { type: 'run:step', ...about, step: 3, steps: 3 },
      { type: 'run:finished', ...about, status: 'succeeded', finishedAt: run.finishedAt },
    ])
    assert.deepEqual(announced.map(({ owner }) => owner), Array(5).fill({ userId: 'ada', tenantId: 'acme' }))
    assert.equal(JSON.stringify(announced).includes('tell nobody'), false)
  })

  it('that fails stops telling of steps', async () => {
    const { call, announced } = world()
    const steps = [{ type: 'log', message: 'one' }, { type: 'check', name: 'x', equals: 1 }, { type: 'log', message: 'never' }]
    const { body } = await call('POST', '/api/workflows', await token(), { name: 'Fails', definition: { steps } })
    await call('POST', `/api/workflows/${body.id}/execute`, await token())
    assert.deepEqual(announced.map(({ update }) => update.type), ['run:started', 'run:step', 'run:finished'])
    const { update } = announced.at(-1)!
    assert.equal(update.type === 'run:finished' && update.status, 'failed')
  })
})

describe('sockets of the service', () => {
  async function service() {
    const portal = new Portal()
    const { port, stop } = await start({ ...settings, port: 0 }, portal.world)
    after(stop)
    const api = async (method: string, path: string, bearer: string, body?: unknown) => {
      const headers = { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' }
      const answer = await fetch(`http://localhost:${port}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
      return (await answer.json()) as { id: string; run: { id: string } }
    }
    const socket = async (more: Record<string, unknown>) => {
      const opened = new WebSocket(`ws://localhost:${port}/ws`, { origin })
      const heard: { type: string; runId?: string; error?: string }[] = []
      opened.on('message', (data) => heard.push(JSON.parse(String(data))))
      await once(opened, 'open')
      opened.send(JSON.stringify({ type: 'auth', ticket: portal.ticket(await token(more)) }))
      await once(opened, 'message')
      return { opened, heard }
    }
    return { portal, api, socket }
  }

  it('hear of the runs of their owner in their tenant, and of no others', async (t) => {
    const log = t.mock.method(console, 'log', () => {})
    const { api, socket } = await service()
    const [own, elsewhere, eve] = [await socket({ tenantId: 'acme' }), await socket({}), await socket({ sub: 'eve', tenantId: 'acme' })]
    const bearer = await token({ tenantId: 'acme' })
    const { id } = await api('POST', '/api/workflows', bearer, greeting)

    const finished = new Promise<void>((done) => own.opened.on('message', (data) => String(data).includes('run:finished') && done()))
    const { run } = await api('POST', `/api/workflows/${id}/execute`, bearer)
    await finished

    const types = own.heard.map(({ type }) => type)
    assert.deepEqual(types, ['auth:success', 'run:started', 'run:step', 'run:step', 'run:step', 'run:finished'])
    assert.deepEqual(new Set(own.heard.slice(1).map(({ runId }) => runId)), new Set([run.id]))
    assert.deepEqual([elsewhere.heard.length, eve.heard.length], [1, 1])
    const logged = JSON.stringify(log.mock.calls.map((call) => call.arguments))
    assert.match(logged, /socket opened/)
    assert.doesNotMatch(logged, /ticket-|eyJ/)
  })

  it('need the right to read workflows', async (t) => {
    t.mock.method(console, 'log', () => {})
    const { socket } = await service()
    const { opened, heard } = await socket({ permissions: ['workflow:create'] })
    assert.deepEqual(heard, [{ error: 'Insufficient permissions' }])
    const [code] = opened.readyState === WebSocket.CLOSED ? [4403] : await once(opened, 'close')
    assert.equal(code, 4403)
  })

  it('end within 10 seconds of their session, by the real feed', async (t) => {
    t.mock.method(console, 'log', () => {})
    const { portal, socket } = await service()
    const [ended, stays] = [await socket({ sid: 'session-2' }), await socket({ sid: 'session-3' })]

    const began = performance.now()
    portal.endSession('session-2')
    const [code, reason] = await once(ended.opened, 'close')

    assert.deepEqual([code, String(reason)], [4401, 'Token revoked'])
    assert.ok(performance.now() - began < 10_000)
    assert.equal(stays.opened.readyState, WebSocket.OPEN)
  })
})
