/** The measuring itself: every item that is not finished yet through every policy. */
import path from 'node:path';
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
/** @typedef {{ dtype: string, report: DeviceReport }} Device */

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
 *   items: readonly BenchItem[],
 *   journal: ReturnType<typeof import('./journal.mjs').openJournal>,
 *   profile: ModelProfile,
 * }} job
 * @returns {Promise<{ runs: BenchRun[], device: Device }>} runs of all items, in their order
 * @throws PageGone when the browser is gone, Error when the model cannot be loaded
 */
export async function measure({ bench, items, journal, profile }) {
  /** @type {typeof import('../../src/core/bench/order.ts')} */
  const { policyOrder } = await importSource('src/core/bench/order.ts');
  /** @type {typeof import('../../src/core/bench/score.ts')} */
  const { scoreRun } = await importSource('src/core/bench/score.ts');
  /** @type {typeof import('../../src/core/run/flops.ts')} */
  const { runFlops } = await importSource('src/core/run/flops.ts');
  const { policies } = bench;
  const before = items.filter(({ id }) => journal.finished.has(id)).length;
  if (before > 0) console.error(`${before} of ${items.length} items were finished before.`);
  /** @type {Device | undefined} */
  let device = [...journal.finished.values()].find((entry) => entry.device)?.device ?? undefined;
  /** @type {Awaited<ReturnType<typeof openAppPage>> | undefined} */
  let app;
  /** @type {number | undefined} when the first item began */
  let started;

  /** @param {BenchItem} item @param {Bench['policies'][number]} policy @returns {Promise<Outcome>} */
  const ask = async (item, policy) => {
    if (app === undefined) {
      app = await openWarm(item);
      // Loading happens once and would spoil the forecast.
      started ??= performance.now();
    }
    const picture = path.join(bench.dataset, item.image);
    const request = { ...bench.request, question: item.text, policy };
    try {
      const last = await app.ask(picture, request, loading, true);
      if (last?.type === 'failed') return { error: last.error };
      if (last?.type !== 'report') throw new Error('The page ended without an answer.');
      device = { dtype: last.report.dtype, report: last.report.device };
      return { report: last.report };
    } catch (error) {
      if (!(error instanceof PageGone) || error.isBrowserGone) throw error;
      await app.close();
      app = undefined;
      return { error: { code: 'out-of-memory', message: error.message } };
    }
  };

  /** A page with its model loaded and every policy's graphs run once. @param {BenchItem} item */
  const openWarm = async (item) => {
    const opened = await openAppPage();
    const picture = path.join(bench.dataset, item.image);
    for (const policy of policies) {
      const request = { ...bench.request, question: item.text, policy };
      const last = await opened.ask(picture, request, loading, true).catch(async (error) => {
        await opened.close();
        throw error;
      });
      if (last?.type !== 'failed') continue;
      if (HOPELESS.has(last.error.code)) {
        await opened.close();
        throw new Error(`${last.error.code}: ${last.error.message}`);
      }
      console.error(`warm-up of ${policy}: ${last.error.message}`);
    }
    return opened;
  };

  try {
    for (const [index, item] of items.entries()) {
      if (journal.finished.has(item.id)) continue;
      /** @type {Map<string, BenchRun>} */
      const scored = new Map();
      for (const policy of policyOrder(policies, index)) {
        const outcome = await ask(item, policy);
        const flops = (/** @type {BenchRun['stages']} */ stages) => runFlops(stages, profile).total;
        scored.set(policy, scoreRun(item, policy, outcome, flops));
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
    await app?.close();
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
