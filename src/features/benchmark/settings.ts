/** What is measured: a choice of items and policies, and the name under which its runs are kept. */
import { sha256 } from 'hash-wasm';
import type { BenchItem, Dataset } from '../../core/bench/item.ts';
import { contenderNames } from '../../core/bench/contender.ts';
import { chosenItems } from '../../core/bench/order.ts';
import type { BenchRun } from '../../core/bench/score.ts';
import type { Prompts } from '../../core/contracts/profile.ts';
import { isTaught } from '../../core/policies/taught.ts';
import type { PromptChanges } from '../../core/protocol/prompts.ts';
import type { PolicyName } from '../../core/run/events.ts';
import type { ModelOffer } from '../backend/offer.ts';
import type { DeviceChoice } from '../models/model-store.ts';
import { withOwnPrompts } from './own-prompts.ts';

export interface Settings {
  /** In the order in which pairs are formed. */
  readonly policies: readonly PolicyName[];
  /** One look at each of these caps of tokens, in place of the one at the model's own. */
  readonly caps?: readonly number[];
  /** Items at most. */
  readonly limit: number;
  /** Shuffles the items first, since datasets are sorted by category; null: as they come. */
  readonly seed: number | null;
}

export const DEFAULT_SETTINGS: Settings = {
  policies: ['coarse-to-fine', 'full-resolution', 'coarse-only'],
  limit: 10,
  seed: null,
};

/** What was chosen for another model may be more than this one was taught; two looks always work. */
export function taughtOf(policies: readonly PolicyName[], prompts: Prompts): readonly PolicyName[] {
  const taught = policies.filter((policy) => isTaught(policy, prompts));
  return taught.length > 0 ? taught : ['coarse-to-fine'];
}

/** What is measured, in the order in which pairs are formed. */
export function namesOf({ policies, caps = [] }: Settings): readonly string[] {
  return contenderNames(policies, caps);
}

/** @returns null if the text is no list of numbers of tokens; an empty one means no caps */
export function readCaps(text: string): readonly number[] | null {
  const caps = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
  const isGood = caps.every((cap) => Number.isInteger(cap) && cap >= 4);
  return isGood ? [...new Set(caps)].sort((a, b) => a - b) : null;
}

export interface Plan {
  /** Only ways of looking that the model was taught. */
  readonly settings: Settings;
  /** In place of the model's own; null: those. */
  readonly prompts: PromptChanges | null;
  readonly items: readonly BenchItem[];
  /** Hash of everything that a run depends on; a run is kept under it. */
  readonly key: string;
}

/** @param build what changes with the scripts of the page */
export async function planOf(
  { items: all, name }: Dataset,
  wanted: Settings,
  { source, dtype, profile: plain }: ModelOffer,
  device: DeviceChoice,
  build: string,
): Promise<Plan> {
  const { profile, prompts } = withOwnPrompts(plain);
  const settings = { ...wanted, policies: taughtOf(wanted.policies, profile.prompts) };
  const { limit, seed } = settings;
  const items = chosenItems(all, { limit, ...(seed !== null && { seed }) });
  const model = [profile.id, dtype, source.files];
  const { budgets } = profile;
  const ground = [model, prompts, budgets, device, build];
  const key = await hash([name, all, seed, namesOf(settings), ...ground]);
  return { settings, prompts, items, key };
}

/** Names a run among those of a plan. */
export function runName({ id, policy }: Pick<BenchRun, 'id' | 'policy'>): string {
  return `${policy} ${id}`;
}

/** Those of the plan, in the order of its items and policies. */
export function inOrder(runs: readonly BenchRun[], { items, settings }: Plan): BenchRun[] {
  const byName = new Map(runs.map((run) => [runName(run), run]));
  return items.flatMap(({ id }) =>
    namesOf(settings).flatMap((policy) => byName.get(runName({ id, policy })) ?? []),
  );
}

async function hash(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  // The browser's own digest is for secure contexts only.
  return (await sha256(bytes)).slice(0, 16);
}
