/**
 * Many runs in a row in one page: do its heap, its DOM and its listeners stay as they are?
 * `node scripts/measure/many-runs.mjs [--runs 150] [--warm 50]`; prints a table. Exit status 1 if
 * something grows after the warm-up: lists of what was asked are full by then.
 */
import { parseArgs } from 'node:util';
import { ensureBuild } from '../lib/build.mjs';
import { answered, memoryOf, openRuns } from './many-runs/page.mjs';

/** What may come and go between two runs. */
const SLACK = { heap: 1024 ** 2, nodes: 20, listeners: 20 };

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '150' }, warm: { type: 'string', default: '50' } },
});
const [runs, warm] = [Number(values.runs), Number(values.warm)];
if ((await ensureBuild()) !== 0) process.exit(1);
const { page, version, close } = await openRuns();
try {
  console.log(`Chromium ${version}, ${runs} runs about one picture of 112 x 112\n`);
  console.log('| runs | heap, kB | nodes | listeners |\n| --- | --- | --- | --- |');
  /** @type {import('./many-runs/page.mjs').Memory | undefined} */
  let base;
  for (let run = 1; run <= runs; run++) {
    await answered(page, run);
    if (run % 10 !== 0 && run !== runs) continue;
    const memory = await memoryOf(page);
    const { heap, nodes, listeners } = memory;
    console.log(`| ${run} | ${Math.round(heap / 1024)} | ${nodes} | ${listeners} |`);
    if (run >= warm) base ??= memory;
    if (run < runs || base === undefined) continue;
    for (const key of /** @type {const} */ (['heap', 'nodes', 'listeners'])) {
      const grown = memory[key] - base[key];
      if (grown <= SLACK[key]) continue;
      console.log(`\n${key}: ${grown} more than after ${warm} runs`);
      process.exitCode = 1;
    }
  }
} finally {
  await close();
}
