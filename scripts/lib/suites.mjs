/** The suites of `npm test`, each returning how many checks passed and failed. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureBrowser } from './browser.mjs';
import { ensureBuild } from './build.mjs';
import { bin, ROOT, run } from './run.mjs';

/** `skipped`: why this machine cannot do it. @typedef {{ passed: number, failed: number, skipped?: string }} Count */

const OUT = path.join(ROOT, 'test-results');

/** @type {Record<string, () => Promise<Count>>} */
export const SUITES = {
  format: () => step(bin('prettier'), ['--check', '--log-level', 'warn', '.']),
  lint: () => step(bin('oxlint'), ['--type-aware', '--deny-warnings', '--threads=2']),
  types: () => step(bin('tsc'), ['-b']),
  knip: () => step(bin('knip'), []),
  unit,
  build: async () => one((await ensureBuild()) === 0),
  size: () => step(bin('size-limit'), []),
  e2e,
  'training-lint': trainingLint,
  training,
  gpu,
};

/** @param {string} command @param {readonly string[]} args */
async function step(command, args) {
  return one((await run(command, args)) === 0);
}

/** @param {boolean} ok @returns {Count} */
function one(ok) {
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A fresh path for a report, so that an old one is never counted. @param {string} name */
function reportFile(name) {
  mkdirSync(OUT, { recursive: true });
  const file = path.join(OUT, name);
  rmSync(file, { force: true });
  return file;
}

/**
 * A runner that fails without naming a failed test (a crash, a file that does not load) counts as
 * one failure more.
 * @param {Count} count @param {number} status
 */
function withStatus(count, status) {
  return status !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

async function unit() {
  const file = reportFile('unit.json');
  const status = await run(bin('vitest'), [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  if (!existsSync(file)) return one(false);
  const report = JSON.parse(readFileSync(file, 'utf8'));
  return withStatus({ passed: report.numPassedTests, failed: report.numFailedTests }, status);
}

async function e2e() {
  try {
    await ensureBrowser();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return one(false);
  }
  if ((await ensureBuild()) !== 0) return one(false);
  // Playwright empties test-results/ when it starts; its report is written at the end.
  const status = await run(bin('playwright'), ['test']);
  const file = path.join(OUT, 'e2e.json');
  if (!existsSync(file)) return one(false);
  const { stats } = JSON.parse(readFileSync(file, 'utf8'));
  return withStatus({ passed: stats.expected + stats.flaky, failed: stats.unexpected }, status);
}

async function trainingSetup() {
  return (await run(process.execPath, ['scripts/training-setup.mjs'])) === 0;
}

async function trainingLint() {
  if (!(await trainingSetup())) return one(false);
  const ruff = path.join(ROOT, 'training', '.venv', 'bin', 'ruff');
  const formatted = await run(ruff, ['format', '--check', 'training']);
  return withStatus(await step(ruff, ['check', 'training']), formatted);
}

async function training() {
  if (!(await trainingSetup())) return one(false);
  const file = reportFile('training.xml');
  const status = await run(
    path.join(ROOT, 'training', '.venv', 'bin', 'python'),
    ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--junitxml=${file}`, 'training/tests'],
    { env: { OMP_NUM_THREADS: '2', PYTHONDONTWRITEBYTECODE: '1' } },
  );
  if (!existsSync(file)) return one(false);
  const suite = /<testsuite [^>]*>/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
  /** @param {string} name */
  const attribute = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = attribute('failures') + attribute('errors');
  const passed = attribute('tests') - failed - attribute('skipped');
  return withStatus({ passed, failed }, status);
}

/** Half precision on the machine's Vulkan driver, in a process of its own: drivers can end it. */
async function gpu() {
  let output = '';
  const status = await run(process.execPath, ['scripts/gpu/golden.mjs'], {
    onOutput: (text) => (output += text),
  });
  const last = output.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) return one(false);
  const { passed = 0, failed = 0, skipped } = JSON.parse(last);
  return { ...withStatus({ passed, failed }, status), ...(skipped !== undefined && { skipped }) };
}
