/**
 * `npm test`: every suite, then one line `N passed, N failed`.
 * `npm test -- --only unit,e2e` and `npm test -- --skip training` choose suites.
 */
import { parseArgs } from 'node:util';
import { ensureDeps } from './lib/deps.mjs';
import { fail } from './lib/run.mjs';
import { SUITES } from './lib/suites.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string' }, skip: { type: 'string', default: '' } },
});
const skipped = values.skip.split(',').filter(Boolean);
const asked = values.only?.split(',') ?? Object.keys(SUITES);
const unknown = [...asked, ...skipped].find((name) => !(name in SUITES));
if (unknown !== undefined) {
  fail(`There is no suite "${unknown}"; there are ${Object.keys(SUITES).join(', ')}.`);
}

await ensureDeps();
const total = { passed: 0, failed: 0 };
const summary = [];
for (const [name, suite] of Object.entries(SUITES)) {
  if (!asked.includes(name) || skipped.includes(name)) continue;
  console.log(`\n== ${name}`);
  const started = performance.now();
  const count = await suite();
  total.passed += count.passed;
  total.failed += count.failed;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const told =
    count.skipped === undefined
      ? `${count.passed} passed, ${count.failed} failed`
      : `skipped: ${count.skipped}`;
  summary.push(`${name}: ${told} (${seconds} s)`);
}
console.log(`\n${summary.join('\n')}\n\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
