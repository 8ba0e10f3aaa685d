/** The shape of a policy: an async generator that needs only pictures, a model and a clock. */
import type { Context, VisionLanguageModel } from '../contracts/model.ts';
import type { OpenPicture } from '../contracts/pictures.ts';
import type { Budgets } from '../contracts/profile.ts';
import type { Box } from '../geometry/size.ts';
import type { RunEvent } from '../run/events.ts';

export interface RunInput {
  /** Without its options. */
  readonly question: string;
  /** "red", "blue", ... in the order of their letters; empty for a free question. */
  readonly options: readonly string[];
  readonly budgets: Budgets;
  /** Vision tokens of one look at everything, where they are less than the baseline's. */
  readonly cap?: number | undefined;
  /** Looks of `search` at most, the first one included; default: 4. */
  readonly maxLooks?: number | undefined;
  readonly maxNewTokens?: number;
  /** Alternatives per token in the events. */
  readonly alternatives?: number;
  /** Ask for a `context-kept` event. */
  readonly keepContext?: boolean;
  /**
   * A region drawn by hand: only the crop stage runs, on a fork of the kept context. Without a
   * context the coarse stage is run for it first.
   */
  readonly hand?: { readonly region: Box<'original'>; readonly context: Context | null };
  /** Previews for the page; a benchmark does without. */
  readonly previews?: boolean;
  /** `two` looks twice also where one look at everything costs no more; default: `auto`. */
  readonly looks?: 'auto' | 'two' | undefined;
}

export interface PolicyEnvironment {
  readonly model: VisionLanguageModel;
  readonly picture: OpenPicture;
  /** Milliseconds, monotonic. */
  now(): number;
  /** When the run began, by that clock: before the picture was opened for it. Default: now. */
  readonly started?: number | undefined;
  /** Milliseconds of the run's work that were spent before `started`; they count. */
  readonly aheadMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Yields `run-started` first and `run-finished` or `run-failed` last. It does not throw: errors,
 * `cancelled` among them, become `run-failed`. It releases every context and picture that it made,
 * also when the iteration is ended early, except a kept context.
 */
export type Policy = (
  input: RunInput,
  environment: PolicyEnvironment,
) => AsyncGenerator<RunEvent, void, undefined>;
