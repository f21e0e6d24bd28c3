/** Timers by name: setting one again replaces it, and none outlives `clear()`. */
export class Timers<Name extends string> {
  readonly #running = new Map<Name, ReturnType<typeof setTimeout>>()

  set(name: Name, milliseconds: number, act: () => void): void {
    this.stop(name)
    const timer = setTimeout(() => {
      this.#running.delete(name)
      act()
    }, milliseconds)
    this.#running.set(name, timer)
  }

  stop(name: Name): void {
    clearTimeout(this.#running.get(name))
    this.#running.delete(name)
  }

  clear(): void {
    for (const name of [...this.#running.keys()]) this.stop(name)
  }
}
