/** One item under one policy: what came of it, and whether it was right. */
import type { ErrorCode, WireError } from '../errors.ts';
import { isCorrect } from '../protocol/options.ts';
import type { NoticeCode, PolicyName, StageMeasure } from '../run/events.ts';
import type { PrefillAccount, ReportedRegion, RunReport, RunTimings } from '../run/report.ts';
import type { BenchItem, TruthBox } from './item.ts';

/** Of the picture's sides, by which evidence may stick out of a region. */
const TOLERANCE = 0.01;

/** One row of a report. What a failed run cannot know is null. */
export interface BenchRun {
  readonly id: string;
  readonly image: string;
  readonly category: string;
  /** `POLICY`, or `POLICY@ENGINE` for another engine than ours. */
  readonly policy: string;
  readonly label: string;
  readonly answer: string | null;
  /** Failed runs are wrong. */
  readonly correct: boolean;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  readonly nativeTokens: number | null;
  readonly visionTokens: number | null;
  /** What the baseline spends on this picture, under its cap. */
  readonly fullResolutionTokens: number | null;
  /** All evidence lies in regions. Null without boxes, or if the policy need not cut and did not. */
  readonly recalled: boolean | null;
  /** Of the regions together, as a share of the picture. */
  readonly regionArea: number | null;
  readonly regions: readonly ReportedRegion[];
  readonly prefill: PrefillAccount | null;
  readonly generatedTokens: number | null;
  readonly flops: number | null;
  /** Milliseconds. */
  readonly timings: RunTimings | null;
  /** Of the whole run; `environment.memory` says of what. Null where it is not measured. */
  readonly peakMemoryBytes: number | null;
  readonly notices: readonly NoticeCode[];
  readonly stages: readonly StageMeasure[];
}

export type Outcome = { readonly report: RunReport } | { readonly error: WireError };

/**
 * @param policy as it appears in the report
 * @param flopsOf estimate from the architecture; null if that is not known
 * @param peakMemoryBytes null if it was not measured
 */
export function scoreRun(
  item: BenchItem,
  policy: string,
  outcome: Outcome,
  flopsOf: ((stages: readonly StageMeasure[]) => number) | null,
  peakMemoryBytes: number | null = null,
): BenchRun {
  const { id, image, category, label, boxes, options } = item;
  const named = { id, image, category, policy, label };
  const always = alwaysCuts(policy);
  if ('error' in outcome) {
    const { code, message } = outcome.error;
    return {
      ...named,
      answer: null,
      correct: false,
      error: { code, message },
      nativeTokens: null,
      visionTokens: null,
      fullResolutionTokens: null,
      recalled: boxes.length > 0 && always ? false : null,
      regionArea: null,
      regions: [],
      prefill: null,
      generatedTokens: null,
      flops: null,
      timings: null,
      peakMemoryBytes,
      notices: [],
      stages: [],
    };
  }
  const { report } = outcome;
  const { regions } = report;
  // Of a small picture all was seen.
  const isWhole = report.notices.some(({ code }) => code === 'small-picture');
  const counts = boxes.length > 0 && ((always && !isWhole) || regions.length > 0);
  return {
    ...named,
    answer: report.answer,
    correct: isCorrect(report.answer, label, options),
    error: null,
    nativeTokens: report.image.nativeTokens,
    visionTokens: report.visionTokens.total,
    fullResolutionTokens: report.visionTokens.fullResolution,
    recalled: counts ? contains(regions, boxes, report.image) : null,
    regionArea: regions.length > 0 ? areaShare(regions, report.image) : null,
    regions,
    prefill: report.prefill,
    generatedTokens: report.generatedTokens,
    flops: flopsOf?.(report.stages) ?? null,
    timings: report.timings,
    peakMemoryBytes,
    notices: report.notices.map(({ code }) => code),
    stages: report.stages,
  };
}

interface Sides {
  readonly width: number;
  readonly height: number;
}

type Rectangle = Pick<ReportedRegion, 'x' | 'y' | 'width' | 'height'>;

/** Does every box lie in one of the regions, but for 1 % of the picture's sides? */
export function contains(
  regions: readonly Rectangle[],
  boxes: readonly TruthBox[],
  { width, height }: Sides,
): boolean {
  const dx = TOLERANCE * width;
  const dy = TOLERANCE * height;
  return boxes.every(([x, y, w, h]) =>
    regions.some(
      (region) =>
        region.x <= x + dx &&
        region.y <= y + dy &&
        region.x + region.width >= x + w - dx &&
        region.y + region.height >= y + h - dy,
    ),
  );
}

/** Sum of the regions' areas over the picture's. */
export function areaShare(regions: readonly Rectangle[], { width, height }: Sides): number {
  return regions.reduce((all, region) => all + region.width * region.height, 0) / (width * height);
}

/** Not cutting is a miss for this one; the others may do without. */
function alwaysCuts(policy: string): boolean {
  const name: PolicyName = 'coarse-to-fine';
  return policy === name || policy.startsWith(`${name}@`);
}
