import { expect, it, vi } from 'vitest';
import { createQueue } from './queue.ts';

it('runs one job at a time and survives a failed one', async () => {
  const queue = createQueue();
  const log: string[] = [];
  const job =
    (name: string, fails = false) =>
    async () => {
      log.push(`${name} starts`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const results = await Promise.allSettled([queue(job('a', true)), queue(job('b'))]);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled']);
  expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends']);
});

it('does not start a job that was cancelled while it waited', async () => {
  const queue = createQueue();
  const controller = new AbortController();
  const first = queue(() => Promise.resolve(controller.abort()));
  const job = vi.fn<() => Promise<void>>(() => Promise.resolve());
  await expect(queue(job, controller.signal)).rejects.toMatchObject({ code: 'cancelled' });
  await first;
  expect(job).not.toHaveBeenCalled();
});
