/** What the account shows of a run, also while it is not over. */
import type { PolicyName, StageMeasure } from '../../core/run/events.ts';
import type { RunState, StageState } from '../../core/run/fold.ts';
import type { TokenGrid } from '../../core/geometry/resize.ts';
import type { Span } from '../../ui/timeline.tsx';

const NAMES = { coarse: 'first look', crop: 'second look', full: 'full look' } as const;
const COLOURS = { coarse: 'var(--coarse)', crop: 'var(--crop)', full: 'var(--full)' } as const;

export interface ShownGrid extends TokenGrid {
  readonly name: string;
  readonly colour: string;
}

/** Of the lane beside the baseline. */
export function titleOf(policy: PolicyName): string {
  switch (policy) {
    case 'on-demand':
      return 'As the model decides';
    case 'search':
      return 'Search';
    case 'coarse-only':
      return 'One small look';
    case 'coarse-to-fine':
    case 'full-resolution':
      return 'Two looks';
  }
}

/** Vision tokens so far. */
export function tokensOf({ stages }: RunState): number {
  return stages.reduce((sum, { visionTokens }) => sum + visionTokens, 0);
}

export function gridsOf(stages: readonly StageState[]): readonly ShownGrid[] {
  return stages.flatMap(({ name, views }) =>
    views.map((view) => ({
      ...view.patches.size.grid,
      name: NAMES[name],
      colour: COLOURS[name],
    })),
  );
}

/** Where the time of the stages went, in order; steps of one stage share its colour. */
export function spansOf(measures: readonly StageMeasure[]): readonly Span[] {
  return measures.flatMap(({ stage, timings }) => {
    const shade = (part: number): string =>
      `color-mix(in srgb, ${COLOURS[stage]} ${part}%, var(--card))`;
    const { decodeImage, resize, patchify, encode, prefill, decode } = timings;
    const named = (name: string): string => `${NAMES[stage]}: ${name}`;
    return [
      { name: named('picture'), milliseconds: decodeImage + resize + patchify, colour: shade(35) },
      { name: named('vision'), milliseconds: encode, colour: shade(60) },
      { name: named('prefill'), milliseconds: prefill, colour: shade(80) },
      { name: named('writing'), milliseconds: decode, colour: shade(100) },
    ];
  });
}

export function sumOf(
  measures: readonly StageMeasure[],
  key: 'prefilled' | 'reused' | 'generatedTokens',
): number {
  return measures.reduce((sum, measure) => sum + measure[key], 0);
}
