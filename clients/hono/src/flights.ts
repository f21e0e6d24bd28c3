/**
 * Work that is under way, by name, so that whoever comes meanwhile shares it. It is given up after 10 s: Workers forget what a
 * request began when that request ends, and a promise nobody will keep must hold up neither others nor the next attempt.
 */
import { atMost } from './time.ts'

/** Seconds. Whatever this package asks for has answered or failed long before. */
const longest = 10

export class Flights<T> {
  readonly #flights = new Map<string, { work: Promise<T>; begun: number }>()
  readonly #now: () => number

  /** `now`: in seconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  get size(): number {
    for (const [name, { begun }] of this.#flights) if (this.#now() - begun > longest) this.#flights.delete(name)
    return this.#flights.size
  }

  isUnderWay(name: string): boolean {
    const flight = this.#flights.get(name)
    return flight !== undefined && this.#now() - flight.begun <= longest
  }

  /** Joins what is under way, or begins it. `undefined` when it was given up. */
  join(name: string, begin: () => Promise<T>): Promise<T | undefined> {
    if (!this.isUnderWay(name)) {
      const work = begin().finally(() => {
        if (this.#flights.get(name) === flight) this.#flights.delete(name)
      })
      const flight = { work, begun: this.#now() }
      this.#flights.set(name, flight)
    }
    return atMost(longest, this.#flights.get(name)!.work)
  }
}
