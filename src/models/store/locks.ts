/** One at a time by name: over all tabs where the browser has Web Locks, else in this thread. */
import { ErgoError, throwIfCancelled } from '../../core/errors.ts';

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called if somebody else is at it. */
  readonly onWait?: () => void;
}

export interface Locks {
  /** @throws ErgoError `cancelled` while it waits; whatever `work` throws */
  run<T>(name: string, options: LockOptions, work: () => Promise<T>): Promise<T>;
  /** Does not wait. @returns whether it was free, and `work` done */
  tryRun(name: string, work: () => Promise<void>): Promise<boolean>;
}

export function openLocks(): Locks {
  const { navigator } = globalThis as { navigator?: { locks?: LockManager } };
  const manager = navigator?.locks;
  return manager ? webLocks(manager) : createLocalLocks();
}

function webLocks(manager: LockManager): Locks {
  const tryRun: Locks['tryRun'] = (name, work) =>
    manager.request(name, { ifAvailable: true }, async (lock) => {
      if (lock) await work();
      return lock !== null;
    });
  return {
    tryRun,
    async run(name, { signal, onWait }, work) {
      throwIfCancelled(signal);
      const free = await manager.request(name, { ifAvailable: true }, async (lock) =>
        lock ? { value: await work() } : null,
      );
      if (free) return free.value;
      onWait?.();
      let begun = false;
      try {
        return await manager.request(name, signal ? { signal } : {}, () => {
          begun = true;
          return work();
        });
      } catch (thrown) {
        if (!begun) throwIfCancelled(signal);
        throw thrown;
      }
    },
  };
}

/** For a thread of its own. */
export function createLocalLocks(): Locks {
  const tails = new Map<string, Promise<void>>();
  const hold = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const running = work();
    const tail = running.then(
      () => undefined,
      () => undefined,
    );
    tails.set(name, tail);
    void tail.then(() => tails.get(name) === tail && tails.delete(name));
    return await running;
  };
  return {
    async run(name, { signal, onWait }, work) {
      throwIfCancelled(signal);
      if (tails.has(name)) onWait?.();
      for (let tail = tails.get(name); tail; tail = tails.get(name)) {
        await Promise.race([tail, whenCancelled(signal)]);
      }
      return await hold(name, work);
    },
    async tryRun(name, work) {
      if (tails.has(name)) return false;
      await hold(name, work);
      return true;
    },
  };
}

function whenCancelled(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener(
      'abort',
      () => reject(new ErgoError('cancelled', 'The wait was cancelled.')),
      { once: true },
    );
  });
}
