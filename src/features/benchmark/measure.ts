/** The measuring itself: every run that is not done yet, through the backend of page and door. */
import type { BenchItem, Dataset } from '../../core/bench/item.ts';
import { policyOrder } from '../../core/bench/order.ts';
import { scoreRun, type Outcome } from '../../core/bench/score.ts';
import {
  throwIfCancelled,
  toErgoError,
  toWire,
  type ErrorCode,
  type WireError,
} from '../../core/errors.ts';
import { splitQuestion } from '../../core/protocol/question.ts';
import type { PolicyName } from '../../core/run/events.ts';
import { foldEvent, IDLE_RUN, reportOf, type RunState } from '../../core/run/fold.ts';
import { runFlops } from '../../core/run/flops.ts';
import type { RemoteModel } from '../../workers/clients/remote-model.ts';
import { loadBackend } from '../ask/load-backend.ts';
import type { KeptRun } from './journal.ts';
import type { Plan } from './settings.ts';

export interface Job {
  readonly dataset: Dataset;
  readonly plan: Plan;
  readonly isDone: (item: BenchItem, policy: PolicyName) => boolean;
  /** The model that is there, or a new one. Rejects if none can be had. */
  readonly load: () => Promise<RemoteModel>;
  /** A run ended the worker; the next load makes a new one. */
  readonly lost: (error: WireError) => void;
  readonly signal: AbortSignal;
}

/** Of a warm-up nothing is kept. */
export type Step =
  | {
      readonly type: 'began';
      readonly item: BenchItem;
      readonly policy: PolicyName;
      readonly isWarmUp: boolean;
    }
  | {
      readonly type: 'ended';
      readonly policy: PolicyName;
      readonly kept: KeptRun;
      readonly milliseconds: number;
    };

/** Deaths of the worker. */
const FATAL: readonly ErrorCode[] = ['device-lost', 'worker-died', 'out-of-memory'];

export const WARM_UP =
  'warm: the model is loaded once, then the first run of each policy is discarded; on WebGPU also the first of each shape class (policy and token grids)';

/**
 * Every second item takes the policies in reverse. A policy's first run on a model is discarded,
 * since it compiles what later ones reuse.
 * @throws ErgoError `cancelled`, and what `load` throws; a failed run is a result, not an error
 */
export async function* measure(job: Job): AsyncGenerator<Step, void, undefined> {
  const { plan, isDone, load } = job;
  const isFirst = createMeetings();
  /** Policies whose warm-up ended the worker: their runs may do so again, once each. */
  const deadly = new Set<PolicyName>();
  for (const [index, item] of plan.items.entries()) {
    for (const policy of policyOrder(plan.settings.policies, index)) {
      if (isDone(item, policy)) continue;
      let model = await load();
      if (isFirst(model, policy) && !deadly.has(policy)) {
        yield { type: 'began', item, policy, isWarmUp: true };
        const { state } = await once(job, item, policy, model);
        isFirst(model, shapeOf(policy, state));
        const next = await load();
        if (next !== model) deadly.add(policy);
        model = next;
      }
      yield { type: 'began', item, policy, isWarmUp: false };
      let started = performance.now();
      let { outcome, state } = await once(job, item, policy, model);
      const isNewShape = 'report' in outcome && isFirst(model, shapeOf(policy, state));
      if (isNewShape && model.info.device.used === 'webgpu') {
        started = performance.now();
        ({ outcome, state } = await once(job, item, policy, model));
      }
      const { profile, dtype, device } = model.info;
      const run = scoreRun(item, policy, outcome, (stages) => runFlops(stages, profile).total);
      const kept = { run, device: { dtype, report: device } };
      yield { type: 'ended', policy, kept, milliseconds: performance.now() - started };
    }
  }
}

/** @returns is it the first time that this model meets that? It has met it now. */
function createMeetings(): (model: RemoteModel, name: string) => boolean {
  const met = new WeakMap<RemoteModel, Set<string>>();
  return (model, name) => {
    const names = met.get(model) ?? new Set();
    met.set(model, names);
    return names.size < names.add(name).size;
  };
}

/** A graphics driver compiles programs for the shapes that it meets. */
function shapeOf(policy: PolicyName, { stages }: RunState): string {
  const grids = stages.flatMap(({ views }) =>
    views.map(({ patches }) => `${patches.size.grid.columns}x${patches.size.grid.rows}`),
  );
  return [policy, 'on', ...grids].join(' ');
}

interface Once {
  readonly outcome: Outcome;
  readonly state: RunState;
}

/** One run. A picture that cannot be read fails it like everything else. */
async function once(
  { dataset, plan, signal, lost }: Job,
  item: BenchItem,
  policy: PolicyName,
  model: RemoteModel,
): Promise<Once> {
  let state = IDLE_RUN;
  let outcome: Outcome;
  try {
    const backend = await loadBackend();
    const { image, budgets } = model.info.profile;
    // Opened anew for each run: a held bitmap would spare the later policies the decoding.
    const picture = await backend.openPicture(await dataset.picture(item), image);
    try {
      const input = { ...splitQuestion(item.text), budgets };
      for await (const event of backend.startRun({ policy, input, picture, model, signal })) {
        state = foldEvent(state, event);
      }
    } finally {
      // A worker that is gone has freed it already.
      await picture.close().catch(() => undefined);
    }
    const report = reportOf(state);
    outcome = report
      ? { report }
      : { error: state.error ?? toWire(new Error(`${plan.key}: no answer came.`)) };
  } catch (thrown) {
    outcome = { error: toWire(toErgoError(thrown)) };
  }
  throwIfCancelled(signal);
  if ('error' in outcome && FATAL.includes(outcome.error.code)) lost(outcome.error);
  return { outcome, state };
}
