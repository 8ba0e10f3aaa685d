/** The files of a report. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { importSource } from '../lib/import-source.mjs';

/**
 * @param {string} folder is made if it is not there
 * @param {import('../../src/core/bench/report.ts').BenchReport} report
 */
export async function writeReport(folder, report) {
  /** @type {typeof import('../../src/core/bench/markdown.ts')} */
  const { reportMarkdown } = await importSource('src/core/bench/markdown.ts');
  /** @type {typeof import('../../src/core/bench/chart.ts')} */
  const { accuracyChart } = await importSource('src/core/bench/chart.ts');
  mkdirSync(folder, { recursive: true });
  const write = (/** @type {string} */ name, /** @type {string} */ text) =>
    writeFileSync(path.join(folder, name), text);
  write('report.json', `${JSON.stringify(report, null, 1)}\n`);
  write('accuracy.svg', accuracyChart(report.summary));
  write('report.md', reportMarkdown(report, 'accuracy.svg'));
  console.log(`${path.join(folder, 'report.md')} and report.json are written.`);
}
