/** The report of a page: the same as of `npm run bench`, but for what a page cannot know. */
import { runsCsv } from '../../core/bench/csv.ts';
import type { Dataset } from '../../core/bench/item.ts';
import {
  benchReport,
  comparability,
  timingsWarning,
  type BenchReport,
  type Environment,
} from '../../core/bench/report.ts';
import type { BenchRun } from '../../core/bench/score.ts';
import { warmUpRule } from '../../core/bench/warmth.ts';
import { saveFile } from '../../ui/save-file.ts';
import type { ModelOffer } from '../backend/offer.ts';
import type { BenchDevice } from './journal.ts';
import { namesOf, type Plan } from './settings.ts';

export interface Measured {
  readonly dataset: Dataset;
  readonly plan: Plan;
  readonly offer: ModelOffer;
  readonly device: BenchDevice;
  readonly runs: readonly BenchRun[];
}

/** Of the items that every policy was asked, so that all figures are of the same items. */
export async function reportOfPage(measured: Measured): Promise<BenchReport> {
  const policies = namesOf(measured.plan.settings);
  const asked = (id: string): number => measured.runs.filter((run) => run.id === id).length;
  const runs = measured.runs.filter(({ id }) => asked(id) === policies.length);
  return benchReport(await environmentOf(measured, runs.length / policies.length), runs);
}

async function environmentOf(measured: Measured, items: number): Promise<Environment> {
  const { dataset, plan, offer, device } = measured;
  const { id, budgets, image, architecture } = offer.profile;
  return {
    date: new Date().toISOString(),
    commit: null,
    versions: {},
    dataset: {
      name: dataset.name,
      items,
      chosen: plan.items.length,
      of: dataset.items.length,
      seed: plan.settings.seed,
      shard: null,
      refused: dataset.refused,
    },
    policies: namesOf(plan.settings),
    prompts: plan.prompts,
    model: {
      id,
      parameters: architecture.parameters,
      dtype: device.dtype,
      sessions: offer.source.dtypes[device.dtype]?.sessions ?? {},
    },
    browser: { ...browser(), agent: navigator.userAgent, remote: false },
    device: device.report,
    adapter: device.report.used === 'webgpu' ? await adapter() : null,
    timingsWarning: timingsWarning(device.report),
    processor: 'not told to pages',
    cores: navigator.hardwareConcurrency,
    isolated: crossOriginIsolated,
    warmUp: warmUpRule(device.report.used),
    memory: null,
    comparability: comparability(budgets, image.pixelsPerToken),
    settings: plan.key,
  };
}

interface Brands {
  userAgentData?: { brands: readonly { readonly brand: string; readonly version: string }[] };
}

/** Chromium tells its name beside a made-up one; others tell only their agent. */
function browser(): { readonly name: string; readonly version: string } {
  const brands = (navigator as Brands).userAgentData?.brands ?? [];
  const real = brands.filter(({ brand }) => !/not.?a.?brand/i.test(brand));
  const { brand: name, version } = real.at(-1) ?? { brand: 'unknown', version: 'unknown' };
  return { name, version };
}

async function adapter(): Promise<Environment['adapter']> {
  // `gpu` is not in every browser.
  const { gpu } = navigator as { gpu?: GPU };
  const found = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!found) return null;
  const { info, limits } = found;
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    isFallback: info.isFallbackAdapter,
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
  };
}

export async function saveJson(measured: Measured): Promise<void> {
  const report = await reportOfPage(measured);
  saveFile(
    new Blob([`${JSON.stringify(report, null, 1)}\n`], { type: 'application/json' }),
    'report.json',
  );
}

/** Every run, finished items or not. */
export function saveCsv({ runs }: Measured): void {
  saveFile(new Blob([runsCsv(runs)], { type: 'text/csv' }), 'report.csv');
}
