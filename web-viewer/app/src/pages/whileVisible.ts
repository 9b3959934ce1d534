/** Asks again and again while the page is looked at: `pauseMs` after an answer, and at once when it is looked at again. Returns what ends it. */
export function whileVisible(pauseMs: number, ask: () => Promise<unknown>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;
  let isEnded = false;

  const next = (delayMs: number): void => {
    clearTimeout(timer);
    if (!isEnded && !isAsking && !document.hidden) timer = setTimeout(() => void round(), delayMs);
  };
  const round = async (): Promise<void> => {
    isAsking = true;
    try {
      await ask();
    } finally {
      isAsking = false;
      next(pauseMs);
    }
  };
  const changed = (): void => (document.hidden ? clearTimeout(timer) : next(0));

  document.addEventListener('visibilitychange', changed);
  next(pauseMs);
  return () => {
    isEnded = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', changed);
  };
}
