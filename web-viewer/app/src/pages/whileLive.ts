import type { Liveness } from '../host/api';

/** After the host did not answer. */
const RETRY_MS = 2000;
/** As often as a page changes at most: what is stored may change many times a second. */
const REST_MS = 1000;

/**
 * Tells of each version that a process gets, until nothing comes of it any more. `ask` holds until there is another version than the one that was seen;
 * while the page is hidden it is not called. Returns what ends it.
 */
export function whileLive(seen: string, ask: (seen: string, signal: AbortSignal) => Promise<Liveness>, tell: (now: Liveness) => Promise<void> | void): () => void {
  const ended = new AbortController();
  void follow(seen, ask, tell, ended.signal);
  return () => ended.abort();
}

async function follow(first: string, ask: (seen: string, signal: AbortSignal) => Promise<Liveness>, tell: (now: Liveness) => Promise<void> | void, ended: AbortSignal): Promise<void> {
  let seen = first;
  while (!ended.aborted) {
    await untilVisible(ended);
    if (ended.aborted) return;
    try {
      const now = await ask(seen, ended);
      if (now.version === seen && now.live) continue;
      await untilVisible(ended);
      if (ended.aborted) return;
      seen = now.version;
      await tell(now);
      if (!now.live) return;
      await pause(REST_MS, ended);
    } catch {
      await pause(RETRY_MS, ended);
    }
  }
}

export function untilVisible(ended: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const changed = (): void => {
      if (document.hidden && !ended.aborted) return;
      document.removeEventListener('visibilitychange', changed);
      ended.removeEventListener('abort', changed);
      resolve();
    };
    document.addEventListener('visibilitychange', changed);
    ended.addEventListener('abort', changed);
  });
}

export function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      ended.removeEventListener('abort', done);
      resolve();
    }
    ended.addEventListener('abort', done);
  });
}
