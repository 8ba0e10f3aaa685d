/** One job at a time; a failed job does not stop the queue (idea: squoosh `worker-bridge`). */
import { throwIfCancelled } from './errors.ts';

/**
 * Runs a job when all before it have settled.
 * @throws ErgoError `cancelled` without running the job if the signal fired while it waited
 */
export type Queue = <T>(job: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return (job, signal) => {
    const start = (): ReturnType<typeof job> => {
      throwIfCancelled(signal);
      return job();
    };
    const result = last.then(start, start);
    last = result;
    return result;
  };
}
