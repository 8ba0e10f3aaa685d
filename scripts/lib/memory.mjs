/**
 * Peak memory of the browser, as the kernel keeps it: the high-water mark of each process's
 * resident set, set back before a run. Nothing is sampled, so no time is disturbed and no peak is
 * missed. Linux only, and only for a browser on this machine.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** What `peak` adds up, for the report. */
export const MEMORY_METHOD =
  'peak resident set (VmHWM of Linux) of the largest renderer process plus that of the GPU process; without memory on a graphics card';

/** "5" sets the high-water mark back, see proc_pid_clear_refs(5). */
const RESET = '5';

/** @typedef {{ reset(): Promise<void>, peak(): Promise<number | null> }} MemoryMeter */

/**
 * @param {import('@playwright/test').Browser} browser started here
 * @returns {Promise<MemoryMeter | null>} null where the kernel does not tell
 */
export async function memoryMeter(browser) {
  if (process.platform !== 'linux') return null;
  const processes = await processLister(browser);
  const meter = {
    async reset() {
      for (const { id } of await processes()) setBack(id);
    },
    /** Bytes since the reset. */
    async peak() {
      const found = await processes();
      const of = (/** @type {string} */ wanted) =>
        found.filter(({ type }) => type === wanted).map(({ id }) => memoryOf(id, 'VmHWM') ?? 0);
      const bytes = Math.max(0, ...of('renderer')) + Math.max(0, ...of('GPU'));
      return bytes > 0 ? bytes : null;
    },
  };
  const isAllowed = (await processes()).some(({ id }) => setBack(id));
  return isAllowed ? meter : null;
}

/**
 * Lists all renderers and the GPU process. Which renderer is the page's is not told.
 * @param {import('@playwright/test').Browser} browser
 * @returns {Promise<() => Promise<readonly { type: string, id: number }[]>>}
 */
export async function processLister(browser) {
  const session = await browser.newBrowserCDPSession();
  return async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return processInfo.filter(({ type }) => type === 'renderer' || type === 'GPU');
  };
}

/**
 * Sets the high-water mark back.
 * @param {number} pid
 * @returns {boolean} false if the process has gone or is not ours
 */
export function setBack(pid) {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, RESET);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {number} pid
 * @param {'VmRSS' | 'VmHWM'} field resident now, or its high-water mark
 * @returns {number | null} bytes; null if there is no such process
 */
export function memoryOf(pid, field) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
