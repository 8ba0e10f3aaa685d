/** `npm run bench:merge`: the reports of all shards as one (docs/benchmark.md). */
import { parseMerge, readReport, USAGE } from './bench/merge.mjs';
import { writeReport } from './bench/write.mjs';
import { UsageError } from './lib/args.mjs';
import { ensureDeps } from './lib/deps.mjs';
import { importSource } from './lib/import-source.mjs';

process.exitCode = await main().catch((error) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof UsageError) console.error(`\n${USAGE}`);
  return error instanceof UsageError ? 2 : 1;
});

/** @returns {Promise<number>} exit status */
async function main() {
  const { folders, out } = parseMerge(process.argv.slice(2));
  const reports = folders.map((name) => ({ name, report: readReport(name) }));
  await ensureDeps();
  /** @type {typeof import('../src/core/bench/merge.ts')} */
  const { mergeReports } = await importSource('src/core/bench/merge.ts');
  await writeReport(out, mergeReports(reports));
  return 0;
}
