import { describe, expect, it } from 'vitest';
import { isComplete } from '../../src/imaging/complete.ts';
import { readHeader } from '../../src/imaging/header.ts';
import { largeJpeg } from './large-jpeg.mjs';
import { mainThreadTasks } from './trace.mjs';

describe('a large JPEG', () => {
  it('has the size that was asked for, an end, and the same bytes every time', async () => {
    const bytes = largeJpeg(320, 4096);
    expect(largeJpeg(320, 4096).equals(bytes)).toBe(true);
    const file = new Blob([new Uint8Array(bytes)]);
    const header = await readHeader(file);
    expect(header).toMatchObject({ type: 'image/jpeg', width: 320, height: 4096 });
    expect(header && (await isComplete(file, header))).toBe(true);
  });

  it('separates its rows by restart markers, counted modulo 8', () => {
    const bytes = largeJpeg(16, 160);
    const markers = [...bytes].filter((byte, i) => bytes[i - 1] === 0xff && byte >= 0xd0);
    const restarts = markers.filter((byte) => byte <= 0xd7);
    expect(restarts).toEqual([0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd0]);
  });
});

it('reads the tasks of the marked thread between two marks, each once', () => {
  const here = { pid: 1, tid: 2, args: {} };
  const task = { ...here, name: 'RunTask', ph: 'X' };
  const tasks = mainThreadTasks(
    [
      { ...task, ts: 500, dur: 100 },
      { ...here, name: 'from', ph: 'R', ts: 1000 },
      { ...task, name: 'ThreadControllerImpl::RunTask', ts: 2000, dur: 90_000, tdur: 60_000 },
      { ...task, ts: 2001, dur: 89_000, tdur: 59_000 },
      { ...task, name: 'FunctionCall', ts: 3000, dur: 500, args: { data: { functionName: 'f' } } },
      { ...task, tid: 3, ts: 4000, dur: 70_000 },
      { ...task, ts: 95_000, dur: 1000 },
      { ...here, name: 'to', ph: 'R', ts: 97_000 },
      { ...task, ts: 98_000, dur: 1000 },
    ],
    'from',
    'to',
  );
  expect(tasks.map(({ at, wall, cpu }) => [at, wall, cpu])).toEqual([
    [1, 90, 60],
    [94, 1, 1],
  ]);
  expect(tasks[0]?.parts()).toEqual(['FunctionCall 0.5 ms (f)']);
});
