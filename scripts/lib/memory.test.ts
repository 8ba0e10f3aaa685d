import { expect, it } from 'vitest';
import { memoryOf } from './memory.mjs';

const isLinux = process.platform === 'linux';

it.runIf(isLinux)(
  'reads the peak of a process in bytes, and nothing of one that is not there',
  () => {
    const peak = memoryOf(process.pid, 'VmHWM') ?? 0;
    expect(peak).toBeGreaterThan(0.5 * process.memoryUsage.rss());
    expect(peak).toBeLessThan(1e12);
    expect(memoryOf(2 ** 30, 'VmHWM')).toBeNull();
  },
);
