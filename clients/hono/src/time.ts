/** Timers that keep no process alive. */

/** What comes of `work` within so many seconds; `undefined` when nothing has, and the work goes on. */
export async function atMost<T>(seconds: number, work: Promise<T>): Promise<T | undefined> {
  const enough = new AbortController()
  const outcome = await Promise.race([work, sleep(seconds, enough.signal)])
  enough.abort()
  return outcome as T | undefined
}

/** Ends early when told to. */
export function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, seconds * 1000)
    unref(timer)
    signal.addEventListener('abort', wake)
  })
}

/** Node and Bun would stay alive for a timer; elsewhere timers are numbers. */
export function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref(): void }).unref()
}
