/**
 * `npm run bench`: a dataset through several policies in the built page, and a report of it
 * (docs/benchmark.md). One page, the model loaded once, every item through all policies.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseBench, USAGE } from './bench/args.mjs';
import { openDataset } from './bench/dataset.mjs';
import { commitOf, processor, versions } from './bench/environment.mjs';
import { openJournal, settingsKey } from './bench/journal.mjs';
import { measure } from './bench/measure.mjs';
import { readModel } from './bench/model.mjs';
import { writeReport } from './bench/write.mjs';
import { earlyRefusal } from './lib/adapter.mjs';
import { openAppPage } from './lib/app-page.mjs';
import { UsageError } from './lib/args.mjs';
import { ensureBuild } from './lib/build.mjs';
import { ensureDeps } from './lib/deps.mjs';
import { importSource } from './lib/import-source.mjs';
import { MEMORY_METHOD } from './lib/memory.mjs';
import { promptsOf } from './lib/prompts-file.mjs';
import { pageFacts } from './lib/page-facts.mjs';
import { ROOT } from './lib/run.mjs';

/** @typedef {import('../src/core/bench/report.ts').Environment} Environment */

process.exitCode = await main().catch((error) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof UsageError) console.error(`\n${USAGE}`);
  return error instanceof UsageError ? 2 : 1;
});

/** @returns {Promise<number>} exit status */
async function main() {
  const parsed = parseBench(process.argv.slice(2));
  await ensureDeps();
  const prompts = await promptsOf(parsed.prompts);
  const bench = { ...parsed, request: { ...parsed.request, ...prompts } };
  const dataset = await openDataset(bench.dataset);
  try {
    await run(bench, dataset);
    return 0;
  } finally {
    dataset.close();
  }
}

/**
 * @param {import('./bench/args.mjs').Bench} bench
 * @param {import('./bench/dataset.mjs').Dataset} dataset
 */
async function run(bench, dataset) {
  const all = dataset.items;
  if ((await ensureBuild()) !== 0) throw new Error('The page could not be built.');
  /** @type {typeof import('../src/core/bench/order.ts')} */
  const { chosenItems, shardOf } = await importSource('src/core/bench/order.ts');
  const chosen = chosenItems(all, bench);
  const items = bench.shard ? shardOf(chosen, bench.shard) : chosen;
  if (items.length === 0) throw new UsageError('This shard is empty: there are fewer items.');
  for (const refused of dataset.refused) console.error(`Not asked: ${refused}`);
  const { request, contenders } = bench;
  const policies = contenders.map(({ name }) => name);

  const { facts, model, version, isMeasured } = await look(bench);
  const reason = earlyRefusal(bench.browser, facts.adapter);
  if (reason !== null) throw new Error(reason);
  const index = readFileSync(path.join(ROOT, 'dist', 'index.html'), 'utf8');
  // Names in index.html and names in the manifest carry hashes of scripts and of weights.
  const ground = { version, adapter: request.device === 'wasm' ? null : facts.adapter };
  const key = settingsKey({ all, policies, request, manifest: model.text, index, ground });
  const journal = openJournal(bench.out, key);
  const { runs, device } = await measure({
    bench,
    dataset,
    items,
    journal,
    profile: model.profile,
  });

  /** @type {typeof import('../src/core/bench/report.ts')} */
  const { benchReport, comparability, timingsWarning } = await importSource(
    'src/core/bench/report.ts',
  );
  /** @type {typeof import('../src/core/bench/warmth.ts')} */
  const { warmUpRule } = await importSource('src/core/bench/warmth.ts');
  const { source, profile } = model;
  const { agent, cores, isolated, adapter } = facts;
  /** @type {Environment} */
  const environment = {
    date: new Date().toISOString(),
    commit: commitOf(),
    versions: versions(),
    dataset: {
      name: dataset.name,
      items: items.length,
      chosen: chosen.length,
      of: all.length,
      seed: bench.seed ?? null,
      shard: bench.shard,
      refused: dataset.refused,
    },
    policies,
    prompts: request.prompts ?? null,
    model: {
      id: profile.id,
      parameters: profile.architecture.parameters,
      dtype: device.dtype,
      sessions: source.dtypes[device.dtype]?.sessions ?? {},
    },
    browser: { name: 'chromium', version, agent, remote: bench.browser.remote !== null },
    device: device.report,
    adapter: device.report.used === 'webgpu' ? adapter : null,
    timingsWarning: timingsWarning(device.report),
    processor: processor(bench.browser),
    cores,
    isolated,
    warmUp: warmUpRule(device.report.used),
    memory: isMeasured ? MEMORY_METHOD : null,
    comparability: comparability(
      { ...profile.budgets, ...request.budgets },
      profile.image.pixelsPerToken,
    ),
    settings: key,
  };
  await writeReport(bench.out, benchReport(environment, runs));
}

/**
 * What only a page can tell, before anything is measured.
 * @param {import('./bench/args.mjs').Bench} bench
 */
async function look({ browser, request }) {
  const app = await openAppPage(browser, request.model);
  try {
    const facts = await pageFacts(app.page);
    const { version, isMeasured } = app;
    const model = await readModel(app.url, app.model, request.hub);
    return { model, facts, version, isMeasured };
  } finally {
    await app.close();
  }
}
