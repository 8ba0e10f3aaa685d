/** Arguments of `npm run bench:merge`, and the reports that they name. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse, UsageError } from '../lib/args.mjs';

export const USAGE = `npm run bench:merge -- DIR... --out DIR

  DIR...      folders that \`npm run bench -- --shard i/n\` wrote, all n of them
  --out DIR   where the merged report goes

Exit status: 0 with a report, 2 for bad arguments, 1 if the reports do not fit each other.`;

/**
 * @param {readonly string[]} argv without node and the script
 * @returns {{ folders: string[], out: string }}
 * @throws UsageError with a sentence for people
 */
export function parseMerge(argv) {
  const options = /** @type {const} */ ({ out: { type: 'string' } });
  const { values, positionals } = parse({ args: [...argv], allowPositionals: true, options });
  if (positionals.length === 0) throw new UsageError('Name the folders of the shards.');
  if (values.out === undefined) throw new UsageError('--out is needed.');
  return { folders: positionals, out: values.out };
}

/**
 * @param {string} name folder of a report, or its report.json
 * @returns {import('../../src/core/bench/report.ts').BenchReport} as it was written
 * @throws UsageError if there is none
 */
export function readReport(name) {
  const isFolder = statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const file = isFolder ? path.join(name, 'report.json') : name;
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new UsageError(`${name} holds no report.json.`);
  }
  if (Array.isArray(report?.items) && report.environment?.dataset) return report;
  throw new UsageError(`${file} is not the report of a benchmark.`);
}
