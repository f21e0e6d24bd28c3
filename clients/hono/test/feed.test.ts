import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createVerifier, type Accepted, type Ending, type Verifier, type VerifierOptions } from '../src/index.ts'
import { audience, feed, next, Portal, stream } from './portal.ts'

const open: { close(): void }[] = []
after(() => open.forEach((one) => one.close()))

async function story(more: Partial<VerifierOptions> = {}): Promise<{ portal: Portal; verifier: Verifier }> {
  const portal = await Portal.open()
  const verifier = createVerifier({ issuer: portal.issuer, audience, feed: 'on-demand', ...more }, portal.world)
  open.push(portal, verifier)
  return { portal, verifier }
}

const why = async (verifier: Verifier, token: string) => {
  const verdict = await verifier.verify(token)
  return verdict.ok ? 'ok' : verdict.reason
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const patience = Date.now() + 5_000
  while (!(await holds())) {
    assert.ok(Date.now() < patience, 'it never happened')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function accepted(verifier: Verifier, token: string): Promise<Accepted> {
  const verdict = await verifier.verify(token)
  assert.ok(verdict.ok)
  return verdict
}

describe('asked for on demand', () => {
  it('the feed ends a token within two polls of a request, without any timer', async () => {
    const { portal, verifier } = await story()
    const [token, other] = [await portal.token(), await portal.token({ sid: 'another' })]
    assert.equal(await why(verifier, token), 'ok')
    await portal.end('session', 'session-of-ada')

    assert.equal(await why(verifier, token), 'ok', 'asked less than 5 s ago')
    assert.equal(portal.count(feed), 1)
    portal.pass(6)
    assert.equal(await why(verifier, token), 'revoked')
    assert.equal(portal.count(feed), 2)
    assert.equal(await why(verifier, other), 'ok')
  })

  it('behind the answer where the platform lets work go on', async () => {
    const behind: Promise<unknown>[] = []
    const { portal, verifier } = await story({ waitUntil: (work) => void behind.push(work) })
    const token = await portal.token()
    assert.equal(await why(verifier, token), 'ok')
    await portal.end('session', 'session-of-ada')
    portal.pass(6)
    assert.equal(await why(verifier, token), 'ok', 'the answer did not wait')
    await Promise.all(behind)
    assert.equal(await why(verifier, token), 'revoked')

    const other = await portal.token({ sid: 'another' })
    await portal.end('session', 'another')
    portal.pass(60)
    assert.equal(await why(verifier, other), 'revoked', 'after a minute of nobody asking it did')
  })

  it('what a platform has dropped holds nobody up', async () => {
    const portal = await Portal.open()
    let dropped = 0
    const drop = { ...portal.world, fetch: () => ((dropped += 1), new Promise<Response>(() => {})) }
    const world = { ...portal.world, fetch: (...asked: Parameters<typeof fetch>) => (dropped < 2 ? drop.fetch() : fetch(...asked)) }
    const verifier = createVerifier({ issuer: portal.issuer, audience, feed: 'on-demand' }, world)
    open.push(portal, verifier)
    const token = await portal.token()
    void verifier.verify(token)
    await until(() => dropped === 2)
    portal.pass(11)
    assert.equal(await why(verifier, token), 'ok')
  })

  it('whoever wakes up after a while waits for the news', async () => {
    const { portal, verifier } = await story()
    const token = await portal.token()
    assert.equal(await why(verifier, token), 'ok')
    await portal.end('subject', 'ada')
    portal.pass(60)
    assert.equal(await why(verifier, token), 'stale')
    assert.equal(await why(verifier, await portal.token()), 'ok', 'another token, with the rights of now')
  })

  it('nobody waits twice for a portal that hangs', async () => {
    const { portal, verifier } = await story()
    const token = await portal.token()
    assert.equal(await why(verifier, token), 'ok')
    portal.instead.set(feed, () => {})
    portal.pass(60)
    const before = Date.now()
    assert.equal(await why(verifier, token), 'ok')
    const waited = Date.now() - before
    assert.equal(await why(verifier, token), 'ok')
    assert.ok(waited > 1_500 && waited < 4_000, `waited ${waited} ms`)
    assert.ok(Date.now() - before - waited < 1_000)
  })
})

describe('the feed', () => {
  it('is loaded whole when something was missed, when the portal was restored, and after 410', async () => {
    const { portal, verifier } = await story()
    const token = await portal.token()
    assert.equal(await why(verifier, token), 'ok')

    portal.stream = 'restored'
    portal.seq = 5
    await portal.end('session', 'session-of-ada')
    portal.seq = 11
    portal.entries[0]!.number = 11
    portal.pass(60)
    assert.equal(await why(verifier, token), 'revoked')
    assert.equal(portal.count(feed), 3)

    portal.seq = 4
    portal.stream = 'restored again'
    portal.pass(60)
    assert.equal(await why(verifier, token), 'revoked', 'an ended session stays ended')
    assert.equal(await why(verifier, await portal.token({ sid: 'another' })), 'ok')
    assert.equal(portal.count(feed), 5, '410, then the whole document')
  })

  it('withdraws a signing key that caches still hold (D24)', async () => {
    const { portal, verifier } = await story()
    portal.keys.push(next)
    assert.equal(await why(verifier, await portal.token()), 'ok')
    portal.kids = ['key-2']
    portal.seq += 1
    portal.pass(60)
    assert.equal(await why(verifier, await portal.token()), 'revoked')
    assert.equal(await why(verifier, await portal.token({}, {}, next)), 'ok')
  })

  it('is not known at first: neither yes nor no, also for a token that looks good', async () => {
    const { portal, verifier } = await story()
    portal.instead.set(feed, (_, response) => void response.writeHead(500).end())
    const verdict = await verifier.verify(await portal.token())
    assert.deepEqual([verdict.ok, !verdict.ok && verdict.code], [false, 'revocations_unavailable'])
    assert.equal(await why(verifier, 'x.y.z'), 'invalid', 'a bad token is bad in any case')

    portal.instead.clear()
    portal.pass(2)
    assert.equal(await why(verifier, await portal.token()), 'ok')
  })

  it('that went down is believed for maxStale seconds, and then nobody is', async () => {
    const { portal, verifier } = await story({ maxStale: 300 })
    assert.equal(await why(verifier, await portal.token()), 'ok')
    portal.instead.set(feed, (_, response) => void response.destroy())
    portal.pass(290)
    assert.equal(await why(verifier, await portal.token()), 'ok')
    portal.pass(20)
    assert.equal(await why(verifier, await portal.token()), 'unavailable')
    portal.instead.clear()
    portal.pass(10)
    assert.equal(await why(verifier, await portal.token()), 'ok')
    assert.deepEqual(portal.logged.length, 2, 'down and up, and not a line a poll')
  })

  it('is not replaced by what is no document', async () => {
    const { portal, verifier } = await story()
    const token = await portal.token()
    assert.equal(await why(verifier, token), 'ok')
    await portal.end('session', 'session-of-ada')
    const foreign = await portal.document(0, { iss: 'https://evil.example.com' })
    const bodies = [foreign, token, '', 'x'.repeat(400_000), JSON.stringify({ entries: [] })]
    for (const body of bodies) {
      portal.instead.set(feed, (_, response) => void response.end(body))
      portal.pass(30)
      assert.equal(await why(verifier, token), 'ok')
    }
    portal.instead.clear()
    portal.pass(30)
    assert.equal(await why(verifier, token), 'revoked')
  })

  it('answers 304 to who has the newest, and is loaded again before that runs out', async () => {
    const { portal, verifier } = await story()
    const token = await portal.token()
    const statuses: number[] = []
    portal.instead.set(feed, async (request, response, url) => {
      await portal.feed(request, response, url)
      statuses.push(response.statusCode)
    })
    for (let i = 0; i < 8; i += 1) {
      assert.equal(await why(verifier, token), 'ok')
      portal.pass(10)
    }
    assert.deepEqual(statuses, [200, 200, 304, 200, 304, 200, 304, 200])
  })

  it('may be left alone: then a token is good until its exp', async () => {
    const { portal, verifier } = await story({ feed: 'off' })
    const token = await portal.token()
    await portal.end('session', 'session-of-ada')
    portal.pass(60)
    assert.equal(await why(verifier, token), 'ok')
    assert.equal(portal.count(feed), 0)
  })
})

describe('followed by polling', () => {
  it('the feed tells watchers that their token has ended', async () => {
    const { portal, verifier } = await story({ feed: 'poll', pollSeconds: 1 })
    const [ada, bob] = [await accepted(verifier, await portal.token()), await accepted(verifier, await portal.token({ sub: 'bob', userId: 'bob', sid: 'b' }))]
    const heard: [string, Ending][] = []
    let news = 0
    verifier.onRevoked(() => (news += 1))
    verifier.watch(ada, (why) => heard.push(['ada', why]))
    verifier.watch(bob, (why) => heard.push(['bob', why]))
    verifier.watch(ada, () => assert.fail('stopped before anything happened'))()
    verifier.watch(ada, () => {
      throw new Error('a mistake of whoever listens')
    })

    await portal.end('session', 'session-of-ada')
    await until(() => heard.length > 0)
    await until(() => portal.count(feed) >= 4)
    assert.deepEqual(heard, [['ada', 'revoked']])
    assert.equal(news, 1)
    assert.equal(verifier.recheck(ada), 'revoked')
    assert.equal(verifier.recheck({ ...bob }), null)
    assert.deepEqual(portal.logged, ['a listener failed: a mistake of whoever listens'])

    const late = new Promise<Ending>((resolve) => verifier.watch(ada, resolve))
    assert.equal(await late, 'revoked', 'what has ended already is told at once')
  })

  it('stops with close, after which nothing is known', async () => {
    const { portal, verifier } = await story({ feed: 'poll', pollSeconds: 1 })
    const ada = await accepted(verifier, await portal.token())
    verifier.watch(ada, () => assert.fail('closed'))
    verifier.close()
    const before = portal.asked.length
    await portal.end('session', 'session-of-ada')
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    assert.equal(portal.asked.length, before)
    assert.equal(verifier.recheck(ada), 'unavailable')
    assert.equal(await why(verifier, await portal.token()), 'unavailable')
  })
})

describe('followed by a stream', () => {
  it('the feed ends a token at once, without another poll', async () => {
    const { portal, verifier } = await story({ feed: 'stream', pollSeconds: 60 })
    const token = await portal.token()
    const ada = await accepted(verifier, token)
    await until(() => portal.count(stream) === 1)
    const ended = new Promise<Ending>((resolve) => verifier.watch(ada, resolve))

    await portal.end('session', 'session-of-ada')

    assert.equal(await ended, 'revoked')
    assert.equal(await why(verifier, token), 'revoked')
    assert.equal(portal.count(feed), 1)
  })

  it('passes over events of other names', async () => {
    const { portal, verifier } = await story({ feed: 'stream', pollSeconds: 60 })
    portal.instead.set(stream, async (request, response, url) => {
      await portal.hold(request, response, url)
      response.write(': a comment\r\n\r\nevent: weather\ndata: not a document\n\ndata: nor this\n\n')
    })
    const ada = await accepted(verifier, await portal.token())
    await until(() => portal.count(stream) === 1)
    const ended = new Promise<Ending>((resolve) => verifier.watch(ada, resolve))
    await portal.end('session', 'session-of-ada')
    assert.equal(await ended, 'revoked')
    assert.deepEqual([portal.count(stream), portal.logged], [1, []])
  })

  it('polls no more while the stream lives', async () => {
    const { portal, verifier } = await story({ feed: 'stream', pollSeconds: 1 })
    await accepted(verifier, await portal.token())
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    assert.deepEqual([portal.count(feed), portal.count(stream)], [1, 1])
  })

  it('polls while there is no stream, and takes one up again', async () => {
    const { portal, verifier } = await story({ feed: 'stream', pollSeconds: 1 })
    portal.instead.set(stream, (_, response) => void response.writeHead(503, { 'Retry-After': '5' }).end())
    const ada = await accepted(verifier, await portal.token())
    const ended = new Promise<Ending>((resolve) => verifier.watch(ada, resolve))
    await portal.end('role', 'user')
    assert.equal(await ended, 'stale')
    portal.instead.clear()
    await until(() => portal.count(stream) >= 2)
  })
})
