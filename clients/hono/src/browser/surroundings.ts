/** What the client uses of the browser. Tests, and places that lack some of it, bring their own. */

/** `navigator.locks`, as far as it is used. */
export interface Locks {
  request<T>(name: string, options: { signal?: AbortSignal }, held: () => Promise<T>): Promise<T>
}

/** A `BroadcastChannel`, as far as it is used. */
export interface Channel {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  close(): void
}

/** A `WebSocket`, as far as it is used. */
export interface Socket {
  readonly readyState: number
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void
  addEventListener(type: 'error', listener: () => void): void
}

export interface Surroundings {
  fetch: typeof fetch
  /** Where it is missing, each tab asks for itself. */
  locks: Locks | undefined
  /** Where it is missing, tabs do not share. */
  channel: ((name: string) => Channel) | undefined
  socket: (url: string) => Socket
  /** Milliseconds that only grow. May stand still while the machine sleeps. */
  monotonic: () => number
  /** The wall clock in milliseconds: right or wrong, only differences count. */
  wall: () => number
  /** The page: where it is, and how to leave it. Missing outside pages (workers, servers). */
  page: Page | undefined
}

export interface Page {
  readonly origin: string
  /** Path, query and fragment. */
  readonly path: string
  /** Leaves for another address. */
  go(url: string): void
  /** Opens another tab; `null` where the browser does not let it. Only a click may open one. */
  open(url: string): { close(): void } | null
  /** Calls when the person comes back to this tab. Gives the way to stop listening. */
  onReturn(listener: () => void): () => void
}

/** The real ones. Everything is looked up when it is needed: a module of a browser app is also loaded by servers. */
export function browser(): Surroundings {
  const { navigator } = globalThis as { navigator?: { locks?: Locks } }
  return {
    fetch: (...request) => globalThis.fetch(...request),
    locks: navigator?.locks,
    channel: typeof BroadcastChannel === 'function' ? (name) => new BroadcastChannel(name) as Channel : undefined,
    socket: (url) => new WebSocket(url) as Socket,
    monotonic: () => performance.now(),
    wall: () => Date.now(),
    page: typeof window === 'object' && typeof document === 'object' ? page() : undefined,
  }
}

function page(): Page {
  return {
    get origin() {
      return window.location.origin
    },
    get path() {
      const { pathname, search, hash } = window.location
      return pathname + search + hash
    },
    go: (url) => window.location.assign(url),
    open: (url) => window.open(url, '_blank'),
    onReturn(listener) {
      const visible = () => document.visibilityState === 'visible' && listener()
      window.addEventListener('focus', listener)
      document.addEventListener('visibilitychange', visible)
      return () => {
        window.removeEventListener('focus', listener)
        document.removeEventListener('visibilitychange', visible)
      }
    },
  }
}
