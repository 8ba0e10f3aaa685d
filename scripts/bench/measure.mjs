/** The measuring itself: every item that is not finished yet through every policy and engine. */
import { refusal } from '../lib/adapter.mjs';
import { openAppPage, PageGone } from '../lib/app-page.mjs';
import { importSource } from '../lib/import-source.mjs';
import { progressLine } from './progress.mjs';

/** @typedef {import('../../src/core/bench/item.ts').BenchItem} BenchItem */
/** @typedef {import('../../src/core/bench/score.ts').BenchRun} BenchRun */
/** @typedef {import('../../src/core/bench/score.ts').Outcome} Outcome */
/** @typedef {import('../../src/core/contracts/model.ts').DeviceReport} DeviceReport */
/** @typedef {import('../../src/core/contracts/profile.ts').ModelProfile} ModelProfile */
/** @typedef {import('../../src/core/errors.ts').ErrorCode} ErrorCode */
/** @typedef {import('./args.mjs').Bench} Bench */
/** @typedef {import('./args.mjs').Contender} Contender */
/** @typedef {{ dtype: string, report: DeviceReport }} Device */
/** @typedef {{ outcome: Outcome, grids: string[], peakMemoryBytes: number | null }} Measured */

/** With these no run can succeed: reporting them item by item would be no measurement. */
const HOPELESS = new Set(
  /** @type {ErrorCode[]} */ ([
    'webgpu-unavailable',
    'weights-missing',
    'weights-corrupt',
    'manifest-invalid',
    'model-unsupported',
    'session-failed',
    'download-interrupted',
    'storage-full',
  ]),
);

/**
 * @param {{
 *   bench: Bench,
 *   dataset: import('./dataset.mjs').Dataset,
 *   items: readonly BenchItem[],
 *   journal: ReturnType<typeof import('./journal.mjs').openJournal>,
 *   profile: ModelProfile,
 * }} job
 * @returns {Promise<{ runs: BenchRun[], device: Device }>} runs of all items, in their order
 * @throws PageGone when the browser is gone, Error when the model cannot be loaded or runs on
 *   another adapter than the one that was asked for
 */
export async function measure({ bench, dataset, items, journal, profile }) {
  /** @type {typeof import('../../src/core/bench/order.ts')} */
  const { policyOrder } = await importSource('src/core/bench/order.ts');
  /** @type {typeof import('../../src/core/bench/score.ts')} */
  const { scoreRun } = await importSource('src/core/bench/score.ts');
  /** @type {typeof import('../../src/core/bench/warmth.ts')} */
  const { createWarmth } = await importSource('src/core/bench/warmth.ts');
  /** @type {typeof import('../../src/core/run/flops.ts')} */
  const { runFlops } = await importSource('src/core/run/flops.ts');
  const { contenders } = bench;
  const policies = contenders.map(({ name }) => name);
  const before = items.filter(({ id }) => journal.finished.has(id)).length;
  if (before > 0) console.error(`${before} of ${items.length} items were finished before.`);
  /** @type {Device | undefined} */
  let device = [...journal.finished.values()].find((entry) => entry.device)?.device ?? undefined;
  if (device) checkAdapter(device);
  /** @type {Awaited<ReturnType<typeof openAppPage>> | undefined} */
  let app;
  const warmth = createWarmth();
  /** @type {number | undefined} when the first item began */
  let started;

  /**
   * One run in the page that is open.
   * @param {BenchItem} item @param {Contender} contender @returns {Promise<Measured>}
   */
  const once = async (item, { policy, engine, cap }) => {
    if (app === undefined) throw new Error('There is no page.');
    const picture = await dataset.pictureFile(item);
    const request = {
      ...bench.request,
      question: item.text,
      policy,
      engine,
      ...(cap !== undefined && { cap }),
    };
    const { last, ...measured } = await app.ask(picture, request, loading, true);
    if (last?.type === 'failed') return { outcome: { error: last.error }, ...measured };
    if (last?.type !== 'report') throw new Error('The page ended without an answer.');
    const used = { dtype: last.report.dtype, report: last.report.device };
    checkAdapter(used);
    // The environment tells of our own engine, where it takes part.
    if (device === undefined || engine === contenders[0]?.engine) device = used;
    return { outcome: { report: last.report }, ...measured };
  };

  /** A run that counts: warm. @param {BenchItem} item @param {Contender} contender */
  const ask = async (item, contender) => {
    if (app === undefined) {
      await openWarm(item);
      // Loading happens once and would spoil the forecast.
      started ??= performance.now();
    }
    const measured = await once(item, contender).catch(crashed);
    const isCold = warmth.isCold(contender.name, measured);
    return isCold ? once(item, contender).catch(crashed) : measured;
  };

  /**
   * A page that died took its model along; the next run opens another.
   * @param {unknown} error @returns {Promise<Measured>}
   */
  const crashed = async (error) => {
    if (!(error instanceof PageGone) || error.isBrowserGone) throw error;
    await closePage();
    const { message } = error;
    return {
      outcome: { error: { code: 'out-of-memory', message } },
      grids: [],
      peakMemoryBytes: null,
    };
  };

  /** Those whose warm-up ended the page: their runs may do so again, once each. */
  const deadly = new Set();

  /**
   * A page with its model loaded and every policy run once.
   * @param {BenchItem} item @returns {Promise<void>}
   */
  const openWarm = async (item) => {
    app = await openAppPage(bench.browser, bench.request.model);
    for (const contender of contenders) {
      if (deadly.has(contender.name)) continue;
      const measured = await once(item, contender).catch(crashed);
      if (app === undefined) {
        deadly.add(contender.name);
        return openWarm(item);
      }
      warmth.isCold(contender.name, measured);
      if (!('error' in measured.outcome)) continue;
      const { code, message } = measured.outcome.error;
      if (HOPELESS.has(code)) throw new Error(`${contender.name}: ${code}: ${message}`);
      console.error(`warm-up of ${contender.name}: ${message}`);
    }
  };

  const closePage = async () => {
    await app?.close();
    app = undefined;
    warmth.forget();
  };

  /** @param {Device} used */
  function checkAdapter(used) {
    const reason = refusal(bench.browser, used.report);
    if (reason !== null) throw new Error(reason);
  }

  try {
    for (const [index, item] of items.entries()) {
      if (journal.finished.has(item.id)) continue;
      /** @type {Map<string, BenchRun>} */
      const scored = new Map();
      for (const contender of policyOrder(contenders, index)) {
        const { outcome, peakMemoryBytes } = await ask(item, contender);
        const flops = (/** @type {BenchRun['stages']} */ stages) => runFlops(stages, profile).total;
        const run = scoreRun(item, contender.name, outcome, flops, peakMemoryBytes);
        scored.set(contender.name, run);
      }
      const runs = policies.flatMap((policy) => scored.get(policy) ?? []);
      journal.add({ id: item.id, device: device ?? null, runs });
      const all = runsOf(items, journal);
      const done = all.length / policies.length;
      const elapsed = performance.now() - (started ?? 0);
      const state = { done, all: items.length, before, elapsed, runs: all, policies };
      console.error(progressLine(state));
    }
  } finally {
    await closePage();
  }
  if (device === undefined) throw new Error('No run finished; the reasons are in items.jsonl.');
  return { runs: runsOf(items, journal), device };
}

/** @param {readonly BenchItem[]} items @param {{ finished: Map<string, { runs: BenchRun[] }> }} journal */
function runsOf(items, { finished }) {
  return items.flatMap(({ id }) => finished.get(id)?.runs ?? []);
}

/** @type {Set<string>} */
const phases = new Set();

/** Each phase once. @param {import('../../src/core/contracts/automation.ts').AutomationEvent} event */
function loading(event) {
  if (event.type !== 'loading' || phases.has(event.phase)) return;
  phases.add(event.phase);
  console.error(`model: ${event.phase}`);
}
