import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allRights, greeting, token, world } from './world.ts'

const { app, call } = world()
const ada = await token()
const eve = await token({ sub: 'eve', userId: 'eve', email: 'eve@example.com' })
const without = (right: string) => token({ permissions: allRights.filter((other) => other !== right) })
const create = async (bearer: string, body: unknown = greeting) => (await call('POST', '/api/workflows', bearer, body)).body

describe('creating a workflow', () => {
  it('answers 201 with the workflow, stamped from the token', async () => {
    const bearer = await token({ tenantId: 'acme' })

    const { status, body } = await call('POST', '/api/workflows', bearer, greeting)

    const { id, createdAt, ...rest } = body
    assert.equal(status, 201)
    assert.deepEqual(rest, { ...greeting, userId: 'ada', tenantId: 'acme' })
    assert.match(id, /^[0-9a-f-]{36}$/)
    assert.ok(Date.parse(createdAt))
  })

  it('believes nothing the body says about owner, tenant or id', async () => {
    const forged = { ...greeting, id: 'mine', userId: 'eve', user_id: 'eve', tenantId: 'acme', createdAt: '1970-01-01' }

    const { id, userId, tenantId, createdAt } = await create(ada, forged)

    assert.notEqual(id, 'mine')
    assert.deepEqual([userId, tenantId], ['ada', null])
    assert.notEqual(createdAt, '1970-01-01')
    assert.equal((await call('GET', `/api/workflows/${id}`, eve)).status, 404)
  })

  it('needs a name and a definition it can run', async () => {
    const wrong: [unknown, string][] = [
      [{ definition: greeting.definition }, 'name'],
      [{ ...greeting, name: '  ' }, 'name'],
      [{ ...greeting, name: 'x'.repeat(201) }, 'name'],
      [{ name: 'x' }, 'definition'],
      [{ name: 'x', definition: { steps: 'all' } }, 'definition.steps'],
      [{ name: 'x', definition: { steps: [{ type: 'shell', command: 'id' }] } }, 'definition.steps.0.type'],
      [{ name: 'x', definition: { steps: [{ type: 'set', name: '__proto__', value: 1 }] } }, 'definition.steps.0.name'],
      [{ name: 'x', definition: { steps: Array(51).fill({ type: 'log', message: '' }) } }, 'definition.steps'],
    ]
    for (const [body, field] of wrong) {
      const answer = await call('POST', '/api/workflows', ada, body)
      assert.equal(answer.status, 400)
      assert.deepEqual(answer.body.error, { message: 'Some members are wrong', status: 400, code: 'invalid_request' })
      assert.deepEqual(answer.body.errors.map((error: { field: string }) => error.field), [field])
    }
  })

  it('refuses what is not JSON, is not called JSON or is too large', async () => {
    const post = async (contentType: string, body: string) => {
      const headers = { Authorization: `Bearer ${ada}`, 'Content-Type': contentType }
      const response = await app.request('/api/workflows', { method: 'POST', headers, body })
      return [response.status, ((await response.json()) as { error: { code: string } }).error.code]
    }
    assert.deepEqual(await post('application/json', '{'), [400, 'invalid_json'])
    assert.deepEqual(await post('application/json', ''), [400, 'invalid_json'])
    assert.deepEqual(await post('application/json', 'null'), [400, 'invalid_request'])
    assert.deepEqual(await post('text/plain', JSON.stringify(greeting)), [415, 'unsupported_media_type'])
    assert.deepEqual(await post('application/json', ' '.repeat(64 * 1024 + 1)), [413, 'body_too_large'])
  })
})

describe('listing workflows', () => {
  it('shows the caller’s own in this tenant, newest first', async () => {
    const bob = await token({ sub: 'bob' })
    const bobAtAcme = await token({ sub: 'bob', tenantId: 'acme' })
    const carlAtAcme = await token({ sub: 'carl', tenantId: 'acme' })
    const first = await create(bob, { ...greeting, name: 'first' })
    const second = await create(bob, { ...greeting, name: 'second' })
    const atAcme = await create(bobAtAcme)

    const ids = async (bearer: string) =>
      (await call('GET', '/api/workflows', bearer)).body.workflows.map((workflow: { id: string }) => workflow.id)

    assert.deepEqual(await ids(bob), [second.id, first.id])
    assert.deepEqual(await ids(bobAtAcme), [atAcme.id])
    assert.deepEqual(await ids(carlAtAcme), [])
  })

  it('comes in pages', async () => {
    const dora = await token({ sub: 'dora' })
    for (const name of ['1', '2', '3']) await create(dora, { ...greeting, name })

    const first = (await call('GET', '/api/workflows?limit=2', dora)).body
    const second = (await call('GET', `/api/workflows?limit=2&cursor=${first.nextCursor}`, dora)).body

    const names = (page: { workflows: { name: string }[] }) => page.workflows.map(({ name }) => name)
    assert.deepEqual([names(first), names(second), second.nextCursor], [['3', '2'], ['1'], null])
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=x']) {
      assert.equal((await call('GET', `/api/workflows?${query}`, dora)).status, 400)
    }
  })
})

describe('executing a workflow', () => {
  it('runs its steps and keeps the run', async () => {
    const { id } = await create(ada)

    const { status, body } = await call('POST', `/api/workflows/${id}/execute`, ada)

    const { id: runId, startedAt, finishedAt, ...run } = body.run
    assert.equal(status, 200)
    assert.deepEqual(run, {
      workflowId: id,
      status: 'succeeded',
      output: { who: 'world', greeting: 'Hello world' },
      log: ['said Hello world'],
      error: null,
    })
    assert.ok(startedAt <= finishedAt)
    const { runs } = (await call('GET', `/api/workflows/${id}/runs`, ada)).body
    assert.deepEqual(runs, [{ ...run, id: runId, startedAt, finishedAt }])
  })

  it('takes input, and tells why a run failed', async () => {
    const steps = [
      { type: 'multiply', name: 'total', values: [{ from: 'price' }, { from: 'count' }] },
      { type: 'add', name: 'total', values: [{ from: 'total' }, 5] },
      { type: 'check', name: 'total', equals: 35 },
    ]
    const { id } = await create(ada, { name: 'Bill', definition: { steps } })
    const execute = async (input: unknown) => (await call('POST', `/api/workflows/${id}/execute`, ada, { input })).body.run

    assert.deepEqual((await execute({ price: 10, count: 3 })).output, { price: 10, count: 3, total: 35 })
    assert.equal((await execute({ price: 10, count: 4 })).error, 'Step 3: total is not 35')
    assert.equal((await execute({ price: 10 })).error, 'Step 1: count has no value')
    assert.equal((await execute({ price: '10', count: 1 })).error, 'Step 1: price is not a number')
    assert.equal((await execute({ price: 1e300, count: 1e300 })).error, 'Step 1: the result is too large')
    assert.equal((await call('POST', `/api/workflows/${id}/execute`, ada, { input: { 'a b': 1 } })).status, 400)
  })

  it('cannot be made to fill the memory', async () => {
    const doubled = { type: 'text', name: 'a', template: '{{a}}'.repeat(100) }
    const steps = [{ type: 'set', name: 'a', value: 'x'.repeat(100) }, ...Array(40).fill(doubled)]
    const { id } = await create(ada, { name: 'Bomb', definition: { steps } })

    const { body } = await call('POST', `/api/workflows/${id}/execute`, ada)

    assert.equal(body.run.error, 'Step 3: the text is too long')
  })
})

describe('somebody else’s workflow', () => {
  it('is not found, as a missing one', async () => {
    const { id } = await create(ada)
    const adaAtAcme = await token({ tenantId: 'acme' })
    const admin = await token({ sub: 'root', role: 'admin' })
    const calls: [string, string][] = [['GET', ''], ['DELETE', ''], ['POST', '/execute'], ['GET', '/runs']]
    for (const [method, rest] of calls) {
      for (const bearer of [eve, adaAtAcme, admin]) {
        const foreign = await call(method, `/api/workflows/${id}${rest}`, bearer)
        const missing = await call(method, `/api/workflows/00000000-0000-4000-8000-000000000000${rest}`, bearer)
        const error = { message: 'Workflow not found', status: 404, code: 'not_found' }
        assert.deepEqual([foreign.status, foreign.body], [404, { error }])
        assert.deepEqual([missing.status, missing.body], [foreign.status, foreign.body])
      }
    }
    assert.equal((await call('GET', `/api/workflows/${id}`, ada)).body.workflow.id, id)
  })
})

describe('a missing permission', () => {
  it('is 403 on every route, before anything is looked up', async () => {
    const { id } = await create(ada)
    const routes: [string, string, string][] = [
      ['GET', '', 'workflow:read'],
      ['POST', '', 'workflow:create'],
      ['GET', `/${id}`, 'workflow:read'],
      ['DELETE', `/${id}`, 'workflow:delete'],
      ['POST', `/${id}/execute`, 'workflow:execute'],
      ['GET', `/${id}/runs`, 'workflow:read'],
    ]
    for (const [method, path, right] of routes) {
      const { status, headers, body } = await call(method, `/api/workflows${path}`, await without(right))
      const error = { message: 'Insufficient permissions', status: 403, code: 'insufficient_permissions' }
      assert.deepEqual([status, body.error], [403, error])
      const challenge = `Bearer realm="workflow-api", error="insufficient_scope", scope="${right}"`
      assert.equal(headers.get('WWW-Authenticate'), challenge)
    }
  })

  it('is not made up for by a role', async () => {
    assert.equal((await call('GET', '/api/workflows', await token({ role: 'admin', permissions: [] }))).status, 403)
  })
})

describe('deleting a workflow', () => {
  it('works once, also when it has run', async () => {
    const { id } = await create(ada)
    await call('POST', `/api/workflows/${id}/execute`, ada)

    assert.equal((await call('DELETE', `/api/workflows/${id}`, ada)).status, 204)
    assert.equal((await call('DELETE', `/api/workflows/${id}`, ada)).status, 404)
  })
})

describe('everybody', () => {
  it('may ask for the status', async () => {
    const { status, body } = await call('GET', '/public/status')
    assert.deepEqual([status, body], [200, { status: 'ok' }])
  })

  it('gets errors in one shape', async () => {
    const { status, body } = await call('GET', '/nowhere')
    assert.deepEqual([status, body], [404, { error: { message: 'Not found', status: 404, code: 'not_found' } }])
  })

  it('calls from an allowed origin in a browser, and from no other', async () => {
    const preflight = (origin: string) =>
      app.request('/api/workflows', {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'authorization,content-type',
        },
      })
    const allowed = await preflight('http://app.example')
    assert.equal(allowed.status, 204)
    assert.equal(allowed.headers.get('Access-Control-Allow-Origin'), 'http://app.example')
    assert.equal(allowed.headers.get('Access-Control-Allow-Headers'), 'Authorization,Content-Type,X-API-Key')
    assert.equal(allowed.headers.get('Access-Control-Allow-Credentials'), null)
    assert.equal((await preflight('http://evil.example')).headers.get('Access-Control-Allow-Origin'), null)
  })
})
