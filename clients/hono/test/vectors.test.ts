import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { bearingOf } from '../src/feed/bearing.ts'
import { nameOf, readSigned, type NamedKind } from '../src/feed/document.ts'
import { FeedState } from '../src/feed/state.ts'
import { KeySet } from '../src/keys.ts'
import { documents, issuer, sequences, type Sequence } from '../tools/vectors-plan.ts'

const vectors = JSON.parse(readFileSync(new URL('../../vectors/revocation-feed.json', import.meta.url), 'utf8')) as {
  issuer: string
  keys: unknown
  names: { kind: NamedKind; id: string; name: string }[]
  documents: Record<string, { what: string; jws: string }>
  sequences: Sequence[]
}
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('the test vectors', () => {
  it('are those of the plan', () => {
    const payloads = Object.entries(vectors.documents).map(([name, { jws }]) => {
      return [name, JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString())]
    })
    const planned = Object.entries(documents).map(([name, { payload, tampered }]) => [name, tampered ?? payload])
    assert.equal(vectors.issuer, issuer)
    assert.deepEqual(vectors.sequences, plain(sequences))
    assert.deepEqual(Object.fromEntries(payloads), plain(Object.fromEntries(planned)))
  })

  it('name people as the feed does', async () => {
    for (const { kind, id, name } of vectors.names) assert.equal(await nameOf(kind, id), name)
  })
})

describe('a client of the feed', () => {
  for (const { name, maxStale, steps } of vectors.sequences) {
    it(name, async () => {
      let now = 0
      const world = { fetch: async () => Response.json(vectors.keys), now: () => now, log: assert.fail }
      const keys = new KeySet('https://auth.example.com/.well-known/revocation-keys.json', ['ES256', 'EdDSA', 'RS256'], world)
      const state = new FeedState(maxStale ?? Infinity)
      for (const step of steps) {
        assert.ok(step.at >= now, 'time goes forward')
        now = step.at
        if ('document' in step) {
          const document = await readSigned(vectors.documents[step.document]!.jws, keys, vectors.issuer, now)
          assert.equal(document ? state.take(document, now) : 'refused', step.expect, `${step.document}: ${step.why}`)
        } else {
          const bearing = await bearingOf(step.token.claims, step.token.kid)
          assert.equal(bearing ? state.judge(bearing, now) : 'invalid', step.expect, step.why)
        }
      }
    })
  }
})
