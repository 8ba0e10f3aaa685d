/** What a policy did over a dataset. Accuracy, recall and tokens as training/runtime/scoring.py. */
import type { PrefillAccount } from '../run/report.ts';
import type { BenchRun } from './score.ts';
import { mean, percentiles, quantile, rounded, wilson, type Percentiles } from './statistics.ts';

export interface Accuracy {
  readonly n: number;
  readonly accuracy: number | null;
  /** Wilson. */
  readonly ci95: readonly [number, number] | null;
}

type Phase = 'decodeImage' | 'encode' | 'prefill' | 'decode';

/** Means are per run that finished; `n`, accuracy and recall count failed runs too. */
export interface PolicySummary extends Accuracy {
  readonly failed: number;
  readonly byCategory: Readonly<Record<string, Accuracy>>;
  readonly regionRecall: number | null;
  /** Mean share of the picture, of runs that cut. */
  readonly regionArea: number | null;
  readonly visionTokensMean: number | null;
  /** Retained token ratio: mean of each run's tokens over those of the baseline on its picture. */
  readonly rtr: number | null;
  readonly prefill: Readonly<Record<keyof PrefillAccount, number | null>>;
  readonly generatedTokensMean: number | null;
  readonly flopsMean: number | null;
  /** Milliseconds. */
  readonly totalMs: Percentiles;
  readonly ttftMs: Percentiles;
  /** Where the time goes; the rest of `totalMs` is spent between these. */
  readonly phaseMs: Readonly<Record<Phase, Percentiles>>;
  readonly peakMemoryBytes: Percentiles;
  /** After the first token of each stage. */
  readonly decodeTokensPerSecond: number | null;
}

/** @param runs of one policy */
export function summarise(runs: readonly BenchRun[]): PolicySummary {
  const categories = [...new Set(runs.map(({ category }) => category))].sort();
  const prefills = present(runs, ({ prefill }) => prefill);
  const timings = present(runs, (run) => run.timings);
  return {
    ...accuracyOf(runs),
    failed: runs.filter(({ error }) => error !== null).length,
    byCategory: Object.fromEntries(
      categories.map((name) => [name, accuracyOf(runs.filter((run) => run.category === name))]),
    ),
    regionRecall: rounded(mean(present(runs, ({ recalled }) => recalled).map(Number))),
    regionArea: rounded(mean(present(runs, ({ regionArea }) => regionArea))),
    visionTokensMean: rounded(mean(present(runs, ({ visionTokens }) => visionTokens))),
    rtr: rounded(mean(present(runs, retained))),
    prefill: {
      new: rounded(mean(prefills.map((prefill) => prefill.new))),
      reused: rounded(mean(prefills.map(({ reused }) => reused))),
      recomputed: rounded(mean(prefills.map(({ recomputed }) => recomputed))),
    },
    generatedTokensMean: rounded(mean(present(runs, (run) => run.generatedTokens))),
    flopsMean: mean(present(runs, ({ flops }) => flops)),
    totalMs: percentiles(timings.map(({ total }) => total)),
    ttftMs: percentiles(timings.map(({ ttft }) => ttft)),
    phaseMs: {
      decodeImage: percentiles(timings.map(({ decodeImage }) => decodeImage)),
      encode: percentiles(timings.map(({ encode }) => encode)),
      prefill: percentiles(timings.map(({ prefill }) => prefill)),
      decode: percentiles(timings.map(({ decode }) => decode)),
    },
    peakMemoryBytes: percentiles(
      present(
        runs.filter(({ error }) => error === null),
        (run) => run.peakMemoryBytes,
      ),
    ),
    decodeTokensPerSecond: rounded(quantile(present(runs, decodeRate), 0.5)),
  };
}

function accuracyOf(runs: readonly BenchRun[]): Accuracy {
  const right = runs.filter(({ correct }) => correct).length;
  const n = runs.length;
  return { n, accuracy: n === 0 ? null : rounded(right / n), ci95: wilson(right, n) };
}

function retained({ visionTokens, fullResolutionTokens }: BenchRun): number | null {
  return visionTokens === null || fullResolutionTokens === null
    ? null
    : visionTokens / fullResolutionTokens;
}

/** A stage's first token comes with its prefill, so it does not count. */
function decodeRate({ stages }: BenchRun): number | null {
  let tokens = 0;
  let milliseconds = 0;
  for (const { generatedTokens, timings } of stages) {
    tokens += Math.max(0, generatedTokens - 1);
    milliseconds += timings.decode;
  }
  return milliseconds > 0 ? (1000 * tokens) / milliseconds : null;
}

function present<T>(runs: readonly BenchRun[], of: (run: BenchRun) => T | null): T[] {
  return runs.flatMap((run) => of(run) ?? []);
}
