/** The measuring itself: every run that is not done yet, through the backend of page and door. */
import { contenderOf } from '../../core/bench/contender.ts';
import type { BenchItem, Dataset } from '../../core/bench/item.ts';
import { policyOrder } from '../../core/bench/order.ts';
import { scoreRun, type Outcome } from '../../core/bench/score.ts';
import { createWarmth, type EndedRun, type Warmth } from '../../core/bench/warmth.ts';
import { throwIfCancelled, toErgoError, toWire } from '../../core/errors.ts';
import { foldEvent, IDLE_RUN, reportOf, type RunState } from '../../core/run/fold.ts';
import { runFlops } from '../../core/run/flops.ts';
import type { RemoteModel } from '../../workers/clients/remote-model.ts';
import { loadBackend } from '../backend/load-backend.ts';
import type { KeptRun } from './journal.ts';
import { namesOf, type Plan } from './settings.ts';

export interface Job {
  readonly dataset: Dataset;
  readonly plan: Plan;
  readonly isDone: (item: BenchItem, policy: string) => boolean;
  /** The model that is there, or a new one. Rejects if none can be had. */
  readonly load: () => Promise<RemoteModel>;
  readonly signal: AbortSignal;
}

/** Of a warm-up nothing is kept. */
export type Step =
  | {
      readonly type: 'began';
      readonly item: BenchItem;
      readonly policy: string;
      readonly isWarmUp: boolean;
    }
  | {
      readonly type: 'ended';
      readonly policy: string;
      readonly kept: KeptRun;
      readonly milliseconds: number;
    };

/**
 * Every second item takes the policies in reverse. A policy's first run on a model is discarded,
 * since it compiles what later ones reuse.
 * @throws ErgoError `cancelled`, and what `load` throws; a failed run is a result, not an error
 */
export async function* measure(job: Job): AsyncGenerator<Step, void, undefined> {
  const { plan, isDone, load } = job;
  const historyOf = createHistories();
  /** Policies whose warm-up ended the worker: their runs may do so again, once each. */
  const deadly = new Set<string>();
  for (const [index, item] of plan.items.entries()) {
    for (const policy of policyOrder(namesOf(plan.settings), index)) {
      if (isDone(item, policy)) continue;
      let model = await load();
      const { ran, warmth } = historyOf(model);
      if (!ran.has(policy) && !deadly.has(policy)) {
        ran.add(policy);
        yield { type: 'began', item, policy, isWarmUp: true };
        warmth.isCold(policy, await once(job, item, policy, model));
        const next = await load();
        if (next !== model) deadly.add(policy);
        model = next;
      }
      yield { type: 'began', item, policy, isWarmUp: false };
      let started = performance.now();
      let ended = await once(job, item, policy, model);
      if (historyOf(model).warmth.isCold(policy, ended)) {
        started = performance.now();
        ended = await once(job, item, policy, model);
      }
      const { profile, dtype, device } = model.info;
      const run = scoreRun(
        item,
        policy,
        ended.outcome,
        (stages) => runFlops(stages, profile).total,
      );
      const kept = { run, device: { dtype, report: device } };
      yield { type: 'ended', policy, kept, milliseconds: performance.now() - started };
    }
  }
}

/** What a worker has met; a new one begins anew. */
interface History {
  readonly ran: Set<string>;
  readonly warmth: Warmth;
}

function createHistories(): (model: RemoteModel) => History {
  const histories = new WeakMap<RemoteModel, History>();
  return (model) => {
    const history = histories.get(model) ?? { ran: new Set(), warmth: createWarmth() };
    histories.set(model, history);
    return history;
  };
}

function gridsOf({ stages }: RunState): string[] {
  return stages.flatMap(({ views }) =>
    views.map(({ patches }) => `${patches.size.grid.columns}x${patches.size.grid.rows}`),
  );
}

/** One run. A picture that cannot be read fails it like everything else. */
async function once(
  { dataset, plan, signal }: Job,
  item: BenchItem,
  name: string,
  model: RemoteModel,
): Promise<EndedRun> {
  let state = IDLE_RUN;
  let outcome: Outcome;
  try {
    const backend = await loadBackend();
    const { image } = model.info.profile;
    const file = await dataset.picture(item);
    // Opened anew for each run, whose clock starts here: a held bitmap would spare the later
    // policies the decoding.
    const started = performance.now();
    const picture = await backend.openPicture(file, image, signal);
    const session = backend.openSession({ picture, model: async () => model, keeps: false });
    signal.addEventListener('abort', session.stop);
    try {
      const { policy, cap } = contenderOf(name);
      const request = { policy, text: item.text, started, ...(cap !== null && { cap }) };
      for await (const event of session.ask(request)) {
        state = foldEvent(state, event);
      }
    } finally {
      signal.removeEventListener('abort', session.stop);
      await session.close();
    }
    const report = reportOf(state);
    outcome = report
      ? { report }
      : { error: state.error ?? toWire(new Error(`${plan.key}: no answer came.`)) };
  } catch (thrown) {
    outcome = { error: toWire(toErgoError(thrown)) };
  }
  throwIfCancelled(signal);
  return { outcome, grids: gridsOf(state) };
}
