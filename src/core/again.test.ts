import { describe, expect, it } from 'vitest';
import { importAgain, isLostScript, type AgainParts } from './again.ts';

const address = 'https://host/app/assets/panel-a1b2.js';
const chromium = new TypeError(`Failed to fetch dynamically imported module: ${address}`);

/** @param log gets the pauses and fresh addresses, in order */
function parts(log: unknown[], importAt: AgainParts['importAt']): AgainParts {
  return {
    pauses: [500, 2000],
    sleep: async (milliseconds) => void log.push(milliseconds),
    importAt(url) {
      log.push(url);
      return importAt(url);
    },
  };
}

const never = (): Promise<never> => Promise.reject(chromium);

describe('a script that is lost', () => {
  it('is asked for again after a pause, where it was', async () => {
    const log: unknown[] = [];
    let asked = 0;
    const load = async () => {
      if (++asked === 1) throw chromium;
      return 'module';
    };
    expect(await importAgain(load, parts(log, never))).toBe('module');
    expect(log).toEqual([500]);
  });

  it('is had from a fresh address where the browser remembers the failure', async () => {
    const log: unknown[] = [];
    expect(
      await importAgain(
        never,
        parts(log, async () => 'module'),
      ),
    ).toBe('module');
    expect(log).toEqual([500, `${address}?again=1`]);
  });

  it('is given up in the end, and is no defect of the app', async () => {
    const log: unknown[] = [];
    await expect(importAgain(never, parts(log, never))).rejects.toMatchObject({
      code: 'download-interrupted',
      cause: chromium,
    });
    expect(log).toEqual([500, `${address}?again=1`, 2000, `${address}?again=2`]);
  });

  it('is told from one that throws', async () => {
    const defect = new TypeError('x is not a function');
    const load = () => Promise.reject(defect);
    await expect(importAgain(load, parts([], never))).rejects.toBe(defect);
  });

  it.each([
    [chromium, true],
    [new TypeError(`error loading dynamically imported module: ${address}`), true],
    [new TypeError('Importing a module script failed.'), true],
    [new TypeError('Failed to fetch'), false],
    ['text', false],
  ])('%s: %s', (thrown, isLost) => {
    expect(isLostScript(thrown)).toBe(isLost);
  });
});
