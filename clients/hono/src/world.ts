/** What this package touches outside itself. Tests give it another clock and another network. */
export interface World {
  fetch: typeof fetch
  /** Seconds since 1970. */
  now(): number
  /** For whoever operates the service: one sentence, never with a token or key in it. */
  log(sentence: string): void
}

/** What becomes of work that a request began and does not need: it may have to be waited for, or else it would be dropped. */
export type Background = (work: Promise<unknown>) => Promise<unknown> | void

export const realWorld: World = {
  // Not `fetch` itself: Workers refuse to have it called as a method of something else.
  fetch: (input, init) => fetch(input, init),
  now: () => Date.now() / 1000,
  log: (sentence) => console.error(`gatehouse: ${sentence}`),
}
