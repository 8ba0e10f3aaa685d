import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWatch, type Watch } from './watch.ts';

const onHung = vi.fn<() => void>();
let watch: Watch;

beforeEach(() => {
  vi.useFakeTimers();
  onHung.mockReset();
  watch = createWatch(onHung, 10_000);
});
afterEach(() => {
  watch.end();
  vi.useRealTimers();
});

/** Has been called once the worker is free. */
function settled(): ReturnType<typeof vi.fn> {
  const done = vi.fn<() => void>();
  void (async () => {
    await watch.settled();
    done();
  })();
  return done;
}

const pass = (seconds: number): void => void vi.advanceTimersByTime(seconds * 1000);

describe('a worker that says nothing', () => {
  it('is never given up while somebody waits, but its silence is told', () => {
    expect(watch.silence()).toBeNull();
    watch.sent(1, false);
    pass(3600);
    expect([onHung.mock.calls.length, watch.silence()]).toEqual([0, 3_600_000]);
    watch.heard(1, false);
    pass(2);
    expect(watch.silence()).toBe(2000);
    watch.heard(1, true);
    expect(watch.silence()).toBeNull();
  });

  it('is given up when what was stopped does not stop, however long it was busy before', () => {
    watch.sent(1, false);
    pass(3600);
    watch.left(1);
    pass(9.9);
    expect(onHung).not.toHaveBeenCalled();
    pass(0.1);
    expect(onHung).toHaveBeenCalledOnce();
  });

  it('is given up when it does not release what it should', () => {
    watch.sent(1, true);
    pass(10);
    expect(onHung).toHaveBeenCalledOnce();
  });

  it('is given up although something newer is asked of it', () => {
    watch.sent(1, false);
    watch.left(1);
    pass(5);
    watch.sent(2, false);
    pass(5);
    expect(onHung).toHaveBeenCalledOnce();
  });
});

describe('a worker that speaks', () => {
  it('has its patience anew with every word: it works through what it was asked', () => {
    watch.sent(1, false);
    watch.sent(2, true);
    for (let chunk = 0; chunk < 20; chunk++) {
      pass(9);
      watch.heard(1, false);
    }
    pass(9.9);
    expect(onHung).not.toHaveBeenCalled();
    pass(0.1);
    expect(onHung).toHaveBeenCalledOnce();
  });

  it('has no deadline once everything due is answered', () => {
    watch.sent(1, true);
    watch.heard(1, true);
    watch.sent(2, false);
    pass(3600);
    expect(onHung).not.toHaveBeenCalled();
  });
});

describe('waiting until it is free', () => {
  it('is waiting, too: the silence is told', () => {
    watch.sent(1, true);
    pass(2);
    expect(watch.silence()).toBeNull();
    void watch.settled();
    expect(watch.silence()).toBe(2000);
  });

  it('ends with the last answer', async () => {
    watch.sent(1, true);
    watch.sent(2, true);
    const done = settled();
    watch.heard(1, true);
    await vi.advanceTimersByTimeAsync(0);
    expect(done).not.toHaveBeenCalled();
    watch.heard(2, true);
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toHaveBeenCalledOnce();
  });

  it('ends when the worker is given up, when it is gone, and at once if nothing is due', async () => {
    watch.sent(1, true);
    const hung = settled();
    await vi.advanceTimersByTimeAsync(10_000);
    watch.sent(2, true);
    const gone = settled();
    watch.end();
    const idle = settled();
    await vi.advanceTimersByTimeAsync(0);
    for (const done of [hung, gone, idle]) expect(done).toHaveBeenCalledOnce();
  });

  it('ends although one thing is never answered and others are', async () => {
    watch.sent(1, true);
    const done = settled();
    for (let second = 0; second < 10; second++) {
      await vi.advanceTimersByTimeAsync(1000);
      watch.heard(2, false);
    }
    expect(done).toHaveBeenCalledOnce();
    expect(onHung).not.toHaveBeenCalled();
  });
});
