import { describe, expect, it } from 'vitest';
import {
  foldTransfer,
  fractionOf,
  openingTransfer,
  rateOf,
  timeLeft,
  type Transfer,
} from './transfer.ts';

const part = { phase: 'download', totalBytes: 600, totalOfAll: 1000, fromCache: false } as const;
const NEW = openingTransfer('model');

/** @param told milliseconds and bytes of all, one step each */
function after(told: readonly (readonly [number, number])[]): Transfer {
  return told.reduce<Transfer>((state, [at, bytes]) => {
    const step = { ...part, file: 'a', loadedBytes: bytes, loadedOfAll: bytes };
    return foldTransfer(state, step, at);
  }, NEW);
}

describe('a download', () => {
  it('tells each file and all of them', () => {
    const first = { ...part, file: 'a', loadedBytes: 600, loadedOfAll: 600 };
    const second = { ...part, file: 'b', loadedBytes: 100, totalBytes: 400, loadedOfAll: 700 };
    const state = foldTransfer(foldTransfer(NEW, first, 0), second, 50);
    expect(state.files).toEqual([
      { path: 'a', loadedBytes: 600, totalBytes: 600 },
      { path: 'b', loadedBytes: 100, totalBytes: 400 },
    ]);
    expect(fractionOf(state)).toBe(0.7);
    expect(fractionOf(NEW)).toBeNull();
  });

  it('tells rate and time left once there is something to tell them from', () => {
    expect(rateOf(after([[0, 100]]))).toBeNull();
    const state = after([
      [0, 100],
      [1000, 300],
      [2000, 500],
    ]);
    expect(rateOf(state)).toBe(200);
    expect(timeLeft(state)).toBe(2.5);
  });

  it('forgets how fast it was some seconds ago', () => {
    const state = after([
      [0, 0],
      [4000, 400],
      [8000, 500],
      [9000, 600],
    ]);
    expect(rateOf(state)).toBe(40);
  });

  it('counts nothing as speed that was there before', () => {
    const step = { ...part, file: 'a', loadedBytes: 500, loadedOfAll: 500, fromCache: true };
    expect(rateOf(foldTransfer(after([[0, 0]]), step, 1000))).toBeNull();
  });

  it('says why it waits, and no rate meanwhile', () => {
    const before = after([
      [0, 100],
      [1000, 300],
    ]);
    const wait = { phase: 'waiting', reason: 'rate-limit', milliseconds: 9000 } as const;
    const state = foldTransfer(before, { ...wait, message: 'The hub asks for 9 s.' }, 1200);
    expect(state).toMatchObject({ wait: 'The hub asks for 9 s.', loadedBytes: 300 });
    expect(timeLeft(state)).toBeNull();
    const next = { ...part, file: 'a', loadedBytes: 301, loadedOfAll: 301 };
    expect(foldTransfer(state, next, 2000).wait).toBeNull();
  });
});
