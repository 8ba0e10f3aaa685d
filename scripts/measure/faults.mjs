/**
 * Faults in the built page: does the same page answer afterwards, and what does it say?
 * `node scripts/measure/faults.mjs [--only GROUP]`; prints a table. Exit status 1 if a page did
 * not answer any more. A new group is a module in faults/ with `group` and `faults`.
 */
import { parseArgs } from 'node:util';
import { ensureBuild } from '../lib/build.mjs';
import { openBench } from './faults/bench.mjs';
import * as downloads from './faults/downloads.mjs';
import * as gpu from './faults/gpu.mjs';
import * as network from './faults/network.mjs';
import * as storage from './faults/storage.mjs';
import * as visited from './faults/visited.mjs';
import { engine, imaging } from './faults/workers.mjs';

/** @type {readonly import('./faults/bench.mjs').Group[]} */
const GROUPS = [imaging, engine, gpu, storage, network, visited, downloads];

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const chosen = GROUPS.filter(({ group }) => values.only === undefined || group === values.only);
if (chosen.length === 0) throw new Error(`--only: ${GROUPS.map(({ group }) => group).join(', ')}`);
if ((await ensureBuild()) !== 0) process.exit(1);
const bench = await openBench();
try {
  console.log(`Chromium ${bench.browser.version()}\n`);
  console.log('| fault | what the page says | the same page answers |\n| --- | --- | --- |');
  for (const { faults } of chosen) {
    for await (const { fault, told, recovered } of faults(bench)) {
      console.log(
        `| ${fault} | ${told.replaceAll('|', '\\|') || '–'} | ${recovered ? 'yes' : '**no**'} |`,
      );
      if (!recovered) process.exitCode = 1;
    }
  }
} finally {
  await bench.close();
}
