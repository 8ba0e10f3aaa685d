/**
 * What is compared: a policy, on an engine, and for one look at everything with a cap on its tokens.
 * The name says all of it: "coarse-to-fine", "full-resolution@640", "full-resolution@transformers.js".
 */
import type { PolicyName } from '../run/events.ts';
import type { PolicySummary } from './summary.ts';

export interface Contender {
  readonly policy: PolicyName;
  /** Vision tokens of the one look at most; null: the model's own cap. */
  readonly cap: number | null;
}

/** @param name of a run in a report */
export function contenderOf(name: string): Contender {
  const [policy, ...rest] = name.split('@');
  const cap = rest.find((part) => /^\d+$/.test(part));
  // Names come from `contenderNames` or from a command line that has checked them.
  return { policy: policy as PolicyName, cap: cap === undefined ? null : Number(cap) };
}

/** @param caps one look for each, in place of the one at the model's own cap; none: that one */
export function contenderNames(
  policies: readonly PolicyName[],
  caps: readonly number[],
): readonly string[] {
  return policies.flatMap((policy) =>
    policy === 'full-resolution' && caps.length > 0
      ? caps.map((cap) => `${policy}@${cap}`)
      : policy,
  );
}

type Summary = Readonly<Record<string, PolicySummary>>;

/** The cap at which one look is right most often, the cheaper of equals; null without caps. */
export function bestCap(summary: Summary): string | null {
  const capped = Object.entries(summary).filter(([name]) => contenderOf(name).cap !== null);
  const [best] = capped.toSorted(
    ([, a], [, b]) =>
      (b.accuracy ?? -1) - (a.accuracy ?? -1) ||
      (a.visionTokensMean ?? 0) - (b.visionTokensMean ?? 0),
  );
  return best?.[0] ?? null;
}

/** Those that are worth a pair: of the caps the best and the largest. */
export function pairedNames(names: readonly string[], best: string | null): readonly string[] {
  const largest = Math.max(0, ...names.map(capOf));
  return names.filter((name) => capOf(name) === 0 || name === best || capOf(name) === largest);
}

function capOf(name: string): number {
  return contenderOf(name).cap ?? 0;
}
