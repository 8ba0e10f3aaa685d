/**
 * The door for scripts: `npm run ask` and `npm run bench` drive the built page through it. It runs
 * the same code as the page's own button, not a second path.
 */
import type { CheckLook, CheckResult } from '../check/check.ts';
import type { WireError } from '../errors.ts';
import type { PromptChanges } from '../protocol/prompts.ts';
import type { PolicyName, RunEvent } from '../run/events.ts';
import type { RunReport } from '../run/report.ts';
import type { DeviceKind, DeviceReport } from './model.ts';
import type { Budgets } from './profile.ts';

export type EngineName = 'ergo' | 'transformers.js';

export interface AutomationRequest {
  /** In V* layout: a question, or a question with "(A) ..." lines (see `splitQuestion`). */
  readonly question: string;
  /** Further questions about the picture, in turn; they go on from its first look. */
  readonly followUps?: readonly string[];
  readonly policy: PolicyName;
  /**
   * Id of the page's catalogue, `owner/name[@revision]` of the hub, or URL of a model folder;
   * default: the embedded model.
   */
  readonly model?: string;
  /** A mirror of the hub; default: the page's setting. */
  readonly hub?: string;
  /** Default: the page's choice for the device. */
  readonly dtype?: string;
  readonly device: DeviceKind | 'auto';
  /**
   * What runs the model. `ergo` (default) is the app's own engine; `transformers.js` is the stock
   * library on the same weights, for comparison: it runs every policy but `on-demand` and `search`.
   */
  readonly engine?: EngineName;
  /** What is not given comes from the model. */
  readonly budgets?: Partial<Budgets>;
  /** Looks of `search` at most; default: 4. */
  readonly maxLooks?: number;
  readonly maxNewTokens?: number;
  /** In place of the model's own; what is left out stays. */
  readonly prompts?: PromptChanges;
  /** Vision tokens of `full-resolution` at most, where they are less than its budget. */
  readonly cap?: number;
  /** `two`: coarse-to-fine looks twice also at a picture that is small enough for one look. */
  readonly looks?: 'auto' | 'two';
  /** wasm threads. */
  readonly threads?: number;
}

export interface LoadingEvent {
  readonly type: 'loading';
  /** "download", "verify", "sessions", "warm-up", "fallback". */
  readonly phase: string;
  readonly loadedBytes?: number;
  readonly totalBytes?: number;
}

/** Plain JSON: no previews, no contexts. */
export type AutomationEvent =
  | LoadingEvent
  | { readonly type: 'run'; readonly event: RunEvent }
  /** The last event of a run with an answer; one for each question. */
  | { readonly type: 'report'; readonly report: RunReport }
  /** The last event otherwise, whether the model, the picture or the run failed. */
  | { readonly type: 'failed'; readonly error: WireError };

/** Which model sees where things are (src/core/check). */
export type CheckRequest = Pick<
  AutomationRequest,
  'model' | 'hub' | 'dtype' | 'device' | 'threads'
>;

export type CheckEvent =
  | LoadingEvent
  | { readonly type: 'look'; readonly look: CheckLook }
  /** The last event, with what was checked. */
  | { readonly type: 'checked'; readonly result: CheckResult; readonly model: CheckedModel }
  | { readonly type: 'failed'; readonly error: WireError };

interface CheckedModel {
  readonly id: string;
  readonly dtype: string;
  readonly device: DeviceReport;
}

/** `window.ergo`. */
export interface Automation {
  /** Raised when something that scripts rely on changes. */
  readonly version: 1;
  /**
   * One run per question. Loads the model first unless it is loaded already. Does not throw: it
   * ends with `report` or `failed`; after a failure nothing more is asked. Ending the iteration
   * early cancels the run.
   */
  ask(file: Blob, request: AutomationRequest): AsyncIterable<AutomationEvent>;
  /** Nine squares to find. Does not throw; ending the iteration early stops it. */
  check(request: CheckRequest): AsyncIterable<CheckEvent>;
}
