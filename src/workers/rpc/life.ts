/**
 * How a page hears of a worker that ends without a word (closed, or killed for its memory; no event
 * tells of it): the worker holds a Web Lock for as long as it lives, and the page waits for it.
 * A busy worker holds it too. Only secure contexts have locks; elsewhere the watch has to do.
 */

/** In the worker. @returns lets go */
export function holdLife(tell: (lock: string) => void): () => void {
  const locks = locksHere();
  if (!locks) return () => undefined;
  let letGo: (() => void) | undefined;
  const life = new Promise<void>((resolve) => (letGo = resolve));
  const lock = `life-${crypto.randomUUID()}`;
  // Refused where storage is: then nobody hears of it, as without locks.
  locks
    .request(lock, () => {
      tell(lock);
      return life;
    })
    .catch(() => undefined);
  return () => letGo?.();
}

/** On the page. @param signal ends the waiting */
export function whenGone(lock: string, signal: AbortSignal, onGone: () => void): void {
  locksHere()
    ?.request(lock, { signal }, onGone)
    .catch(() => undefined);
}

function locksHere(): LockManager | undefined {
  const here: { readonly navigator?: { readonly locks?: LockManager } } = globalThis;
  return here.navigator?.locks;
}
