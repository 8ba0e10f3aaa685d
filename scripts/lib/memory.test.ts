import { expect, it } from 'vitest';
import { highWater } from './memory.mjs';

const isLinux = process.platform === 'linux';

it.runIf(isLinux)(
  'reads the peak of a process in bytes, and nothing of one that is not there',
  () => {
    const peak = highWater(process.pid) ?? 0;
    expect(peak).toBeGreaterThan(0.5 * process.memoryUsage.rss());
    expect(peak).toBeLessThan(1e12);
    expect(highWater(2 ** 30)).toBeNull();
  },
);
