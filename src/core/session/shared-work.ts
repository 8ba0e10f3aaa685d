/** Work that is done once and wanted by several: its result, and who pays for it. */
import { ErgoError, throwIfCancelled } from '../errors.ts';

export interface SharedWork<T> {
  /** Null before it is there. */
  readonly result: T | null;
  /**
   * The result. Leaving does not stop the work: it is done for whoever comes next.
   * @throws ErgoError `cancelled` when the signal fires, and what the work throws
   */
  wait(signal?: AbortSignal): Promise<T>;
  /** @returns true for the first call only: to that caller's account it goes */
  claim(): boolean;
}

export function shareWork<T>(work: Promise<T>): SharedWork<T> {
  let result: T | null = null;
  let isClaimed = false;
  // Whoever waits hears of a failure; work that was begun ahead has nobody who waits.
  work.then(
    (value) => (result = value),
    () => undefined,
  );
  return {
    get result() {
      return result;
    },
    async wait(signal) {
      throwIfCancelled(signal);
      return signal ? Promise.race([work, whenFired(signal, work)]) : work;
    },
    claim() {
      const isFirst = !isClaimed;
      isClaimed = true;
      return isFirst;
    },
  };
}

/** @param until its end takes the listener away */
function whenFired(signal: AbortSignal, until: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = (): void => reject(new ErgoError('cancelled', 'The run was cancelled.'));
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = (): void => signal.removeEventListener('abort', onAbort);
    until.then(settle, settle);
  });
}
