import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ErgoError } from '../../core/errors.ts';
import type { ReadOptions } from '../../models/weights.ts';
import { useTransfers } from './transfers.ts';

interface Job extends ReadOptions {
  readonly source: string;
  readonly end: () => void;
  readonly fail: (error: Error) => void;
}
const jobs: Job[] = [];
const persist = vi.fn<() => Promise<boolean>>(async () => true);

vi.mock('../backend/load-backend.ts', () => ({
  loadBackend: async () => ({
    offerModel: async (source: string) => ({ source, dtype: 'q4' }),
    openPageStore: async () => ({
      persist,
      download: (source: string, _: string, options: ReadOptions) =>
        new Promise<void>((end, fail) => {
          options.signal?.addEventListener('abort', () => fail(options.signal?.reason));
          jobs.push({ source, ...options, end, fail });
        }),
    }),
  }),
}));

const { start, pause, forget } = useTransfers.getState();
const shown = (reference = 'a/b') => useTransfers.getState().transfers[reference];

async function job(count: number): Promise<Job> {
  await vi.waitFor(() => expect(jobs).toHaveLength(count));
  const last = jobs.at(-1);
  if (!last) throw new Error('no job');
  return last;
}

const part = {
  phase: 'download',
  file: 'onnx/a',
  totalBytes: 100,
  totalOfAll: 100,
  fromCache: false,
} as const;

beforeEach(() => {
  for (const reference of Object.keys(useTransfers.getState().transfers)) forget(reference);
  jobs.length = 0;
});

describe('a download', () => {
  it('is shown until it is over, and asks for storage that lasts', async () => {
    const over = start('a/b', 'B');
    expect(shown()).toMatchObject({ status: 'opening', name: 'B' });
    const { progress, end } = await job(1);
    expect(persist).toHaveBeenCalled();
    progress?.({ ...part, loadedBytes: 40, loadedOfAll: 40 });
    expect(shown()).toMatchObject({ status: 'running', loadedBytes: 40 });
    end();
    await over;
    expect(shown()).toBeUndefined();
  });

  it('keeps what came when it is paused, and goes on when it is started again', async () => {
    const first = start('a/b', 'B');
    const { progress } = await job(1);
    progress?.({ ...part, loadedBytes: 40, loadedOfAll: 40 });
    pause('a/b');
    await first;
    // What still was on its way does not wake it.
    progress?.({ ...part, loadedBytes: 50, loadedOfAll: 50 });
    expect(shown()).toMatchObject({ status: 'paused', loadedBytes: 40, error: null });
    void start('a/b', 'B');
    await job(2);
    expect(shown()).toMatchObject({ status: 'opening', loadedBytes: 40 });
  });

  it('is begun once, however often it is asked for', async () => {
    void start('a/b', 'B');
    void start('a/b', 'B');
    await job(1);
    void start('c/d', 'D');
    await job(2);
    expect(jobs.map(({ source }) => source)).toEqual(['a/b', 'c/d']);
  });

  it('says what stopped it', async () => {
    const over = start('a/b', 'B');
    (await job(1)).fail(new ErgoError('storage-full', '3 MB are missing.'));
    await over;
    expect(shown()).toMatchObject({ status: 'failed', error: { code: 'storage-full' } });
    void start('a/b', 'B');
    expect(shown()).toMatchObject({ status: 'opening', error: null });
  });

  it('leaves nothing when it is forgotten', async () => {
    const over = start('a/b', 'B');
    const { signal } = await job(1);
    forget('a/b');
    await over;
    expect(signal?.aborted).toBe(true);
    expect(shown()).toBeUndefined();
  });
});
