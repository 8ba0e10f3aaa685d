/** report.json of `npm run bench`; docs/benchmark.md describes it. */
import type { DeviceReport } from '../contracts/model.ts';
import type { Budgets } from '../contracts/profile.ts';
import type { PromptChanges } from '../protocol/prompts.ts';
import { bestCap, pairedNames } from './contender.ts';
import type { Shard } from './order.ts';
import { pairsOf, type Pair } from './pairs.ts';
import type { BenchRun } from './score.ts';
import { summarise, type PolicySummary } from './summary.ts';

/** Raised when a field changes its meaning. */
/** 2: times begin before the picture is opened, so that its decoding is in them. */
const SCHEMA = 2;

/** From here on a picture is large: the claim is about these. */
const LARGE = 4000;

/** Without these four, two figures of V* cannot be compared. */
export interface Comparability {
  /** Pixels per view at most. */
  readonly pixelCap: Readonly<Partial<Record<keyof Budgets, number>>>;
  readonly optionsShownInStage1: boolean;
  readonly scoring: string;
  readonly failedItems: string;
}

export function comparability(budgets: Budgets, pixelsPerToken: number): Comparability {
  const pixels = (tokens: number): number => tokens * pixelsPerToken ** 2;
  return {
    pixelCap: {
      coarse: pixels(budgets.coarse),
      crop: pixels(budgets.crop),
      ...(budgets.demandCrop !== undefined && { demandCrop: pixels(budgets.demandCrop) }),
      fullResolution: pixels(budgets.fullResolution),
    },
    optionsShownInStage1: false,
    scoring:
      'options: the letter chosen, or the very text of an option; free answers: equal after trimming, lower case, single spaces, no final period',
    failedItems: 'count as wrong',
  };
}

export interface Environment {
  /** ISO 8601. */
  readonly date: string;
  /** With "+" if files differed from it; null outside a repository. */
  readonly commit: string | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly dataset: {
    readonly name: string;
    /** Items of this report, of all its shards, and of the whole dataset. */
    readonly items: number;
    readonly chosen: number;
    readonly of: number;
    readonly seed: number | null;
    /** Null if this is no shard. */
    readonly shard: Shard | null;
    /** Questions that were not asked, because their label fits nothing; absent: none. */
    readonly refused?: readonly string[];
  };
  readonly policies: readonly string[];
  /** In place of the model's own; null or absent: those. */
  readonly prompts?: PromptChanges | null;
  readonly model: {
    readonly id: string;
    readonly parameters: number;
    readonly dtype: string;
    /** Graph of each session, whose name says its dtype. */
    readonly sessions: Readonly<Record<string, string>>;
  };
  readonly browser: {
    readonly name: string;
    readonly version: string;
    readonly agent: string;
    /** On another machine than the one that drove it. */
    readonly remote: boolean;
  };
  readonly device: DeviceReport;
  /** The graphics adapter as the browser tells it; null on wasm. */
  readonly adapter: Readonly<Record<string, string | number | boolean>> | null;
  /** Why the times say nothing about a real device; null if they do. */
  readonly timingsWarning: string | null;
  readonly processor: string;
  readonly cores: number;
  /** Cross-origin isolated, which wasm threads need. */
  readonly isolated: boolean;
  readonly warmUp: string;
  /** What `peakMemoryBytes` is; null if it was not measured. */
  readonly memory: string | null;
  readonly comparability: Comparability;
  /** Hash of everything that an item's runs depend on: dataset, model, request, page. */
  readonly settings: string;
}

export interface BenchReport {
  readonly schema: typeof SCHEMA;
  readonly environment: Environment;
  /** Of each shard, where this report was merged from several. */
  readonly environments?: readonly Environment[];
  readonly items: readonly BenchRun[];
  readonly summary: Readonly<Record<string, PolicySummary>>;
  readonly pairs: Readonly<Record<string, Pair>>;
  /** Of one look at several caps: where it is right most often. Absent without caps. */
  readonly bestCap?: string;
  /** The same of items with at least 4000 native tokens. */
  readonly pairs4000: Readonly<Record<string, Pair>>;
}

/** @param items every run, failed ones too */
export function benchReport(environment: Environment, items: readonly BenchRun[]): BenchReport {
  const { policies } = environment;
  const summary = Object.fromEntries(
    policies.map((name) => [name, summarise(items.filter(({ policy }) => policy === name))]),
  );
  const best = bestCap(summary);
  const paired = pairedNames(policies, best);
  return {
    schema: SCHEMA,
    environment,
    items,
    summary,
    ...(best !== null && { bestCap: best }),
    pairs: pairsOf(items, paired),
    pairs4000: pairsOf(items, paired, LARGE),
  };
}

/** Times of an emulated graphics device are marked wherever they are shown. */
export function timingsWarning({ used, fallback, fallbackReason }: DeviceReport): string | null {
  if (used !== 'webgpu' || !fallback) return null;
  return `The graphics adapter is emulated in software${fallbackReason === null ? '' : ` (${fallbackReason})`}: times say nothing about a real one.`;
}
