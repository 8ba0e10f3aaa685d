/** The benchmark of the terminal loses no finished item when its browser is killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BenchReport } from '../src/core/bench/report.ts';
import { expect, test } from './lib/test.ts';

const ITEMS = 12;

test.skip(process.platform !== 'linux', 'finds the browser in /proc');

let out: string;
test.beforeEach(() => {
  out = mkdtempSync(path.join(tmpdir(), 'ergo-resume-'));
});
test.afterEach(() => {
  rmSync(out, { recursive: true, force: true });
});

function bench(): { child: ChildProcess; said: () => string } {
  const options = ['--dataset', 'public/bench/scenes', '--policies', 'coarse-only'];
  const limits = ['--device', 'wasm', '--limit', String(ITEMS), '--out', out];
  const child = spawn('node', ['scripts/bench.mjs', ...options, ...limits]);
  let text = '';
  child.stderr.on('data', (part: Buffer) => {
    text += part.toString();
  });
  return { child, said: () => text };
}

function finished(): string[] {
  try {
    return readFileSync(path.join(out, 'items.jsonl'), 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => {
      try {
        // "pid (name) state parent ..."; the name may hold anything but ends at the last bracket.
        const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false;
      }
    })
    .map(Number);
}

test('a killed browser ends the run, the next one goes on from there', async () => {
  const first = bench();
  const ended = once(first.child, 'exit');
  await expect
    .poll(() => finished().length, { intervals: [20], timeout: 120_000 })
    .toBeGreaterThan(0);
  for (const id of childrenOf(first.child.pid ?? 0)) process.kill(id, 'SIGKILL');
  expect(await ended, first.said()).toEqual([1, null]);
  const before = finished();
  expect(before.length).toBeLessThan(ITEMS);

  const second = bench();
  expect(await once(second.child, 'exit'), second.said()).toEqual([0, null]);
  expect(second.said()).toContain(`${before.length} of ${ITEMS} items were finished before.`);
  expect(finished().slice(0, before.length)).toEqual(before);
  const text = readFileSync(path.join(out, 'report.json'), 'utf8');
  const report = JSON.parse(text) as BenchReport;
  expect(new Set(report.items.map(({ id }) => id)).size).toBe(ITEMS);
  expect(report.summary['coarse-only']?.n).toBe(ITEMS);
});
