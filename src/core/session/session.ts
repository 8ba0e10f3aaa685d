/**
 * The life of one picture: look ahead, ask, follow up, by hand, go back, stop, close. A plain
 * object: the page mirrors it, the door for scripts and the benchmark read its events.
 */
import type { VisionLanguageModel } from '../contracts/model.ts';
import type { OpenPicture } from '../contracts/pictures.ts';
import type { Budgets } from '../contracts/profile.ts';
import { FATAL, toErgoError, toWire, type ErrorCode } from '../errors.ts';
import type { Box } from '../geometry/size.ts';
import { heldBudgets } from '../policies/held.ts';
import type { RunInput } from '../policies/policy.ts';
import { POLICIES } from '../policies/registry.ts';
import { splitQuestion } from '../protocol/question.ts';
import type { PolicyName, RunEvent } from '../run/events.ts';
import { firstStage, foldEvent, IDLE_RUN, reportOf, type RunState } from '../run/fold.ts';
import { within } from '../within.ts';
import { laneOf, NOTHING_ASKED, shownIn, withChanged, withNew, withShown } from './asked.ts';
import type { Asked, AskedList, Lane } from './asked.ts';
import { createKept, type Located } from './kept.ts';
import { createPreviews, previewsOf } from './previews.ts';

export interface SessionParts {
  readonly picture: OpenPicture;
  /** May have to be loaded first. Null: there is none, and a person was told why. */
  readonly model: () => Promise<VisionLanguageModel | null>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Pixels for the eye come with the views; the session closes them. */
  readonly previews?: boolean;
  /** What a later question can go on from is kept. A benchmark measures without. */
  readonly keeps?: boolean;
}

export interface AskRequest {
  readonly policy: PolicyName;
  /** In V* layout, see `splitQuestion`. */
  readonly text: string;
  /** What is not given comes from the model. */
  readonly budgets?: Partial<Budgets> | undefined;
  /** Drawn by hand: only the second look runs again. */
  readonly region?: Box<'original'> | undefined;
  readonly looks?: RunInput['looks'];
  readonly cap?: number | undefined;
  readonly maxLooks?: number | undefined;
  readonly maxNewTokens?: number | undefined;
  /** When the run began, if its picture was opened for it. Default: now. */
  readonly started?: number | undefined;
}

export interface SessionState extends AskedList {
  readonly running: Lane | null;
  /** Is the first look made before there is a question? */
  readonly ahead: 'no' | 'looking' | 'ready';
}

export interface Session {
  readonly state: SessionState;
  /** @param listener gets the event that made the change, if one did */
  subscribe(listener: (event: RunEvent | null) => void): () => void;
  /** Makes the first look of a policy; again for another model or budget. Nothing while one asks. */
  lookAhead(model: VisionLanguageModel, request: Omit<AskRequest, 'text'>): Promise<void>;
  /**
   * One run; the one before it is stopped. Does not throw: failures end in `run-failed`. Leaving
   * the iteration early stops it.
   * @returns what was asked; null if there was no model, or a newer run or the end came first
   */
  ask(request: AskRequest): AsyncGenerator<RunEvent, Asked | null, undefined>;
  /** Shows an earlier run again; nothing is computed. */
  show(id: number): void;
  readonly stop: () => void;
  /** Gives back what is kept for the next question, which will take longer. */
  relieve(): Promise<void>;
  /** Stops and frees everything, the picture as well. */
  close(): Promise<void>;
}

/** Of the 4 GB that wasm can address: above it nothing is kept for later. */
const HEAP_PRESSURE = 3 * 1024 ** 3;
/** After these what was kept stands in the way of what failed. */
const PRESSING: readonly ErrorCode[] = [...FATAL, 'too-many-tokens'];

export function createSession(parts: SessionParts): Session {
  const { picture, now, previews = false, keeps = true } = parts;
  const kept = createKept({ picture, now, previews });
  const bitmaps = createPreviews();
  const listeners = new Set<(event: RunEvent | null) => void>();
  let state: SessionState = { ...NOTHING_ASKED, running: null, ahead: 'no' };
  let controller = new AbortController();
  let isClosed = false;
  let nextId = 1;
  let aheads = 0;

  function update(change: Partial<SessionState>, event: RunEvent | null = null): void {
    state = { ...state, ...change };
    for (const listener of listeners) listener(event);
  }

  /** Closes the pixels of runs that cannot be seen any more. */
  function tidy(): void {
    const ahead = kept.view();
    const seen = isClosed ? [] : state.asked.flatMap((entry) => previewsOf(entry.state));
    bitmaps.keepOnly(ahead?.preview && !isClosed ? [...seen, ahead.preview] : seen);
  }

  async function* run(
    request: AskRequest,
    asked: number,
    model: VisionLanguageModel,
    signal: AbortSignal,
  ): AsyncGenerator<RunEvent, Asked | null, undefined> {
    const { policy, text, region, looks, cap, maxLooks, maxNewTokens } = request;
    const { profile } = model.info;
    const budgets = heldBudgets(model.info, { ...profile.budgets, ...request.budgets });
    const lane = laneOf(policy);
    const about: Located = { model, text, coarse: budgets.coarse };
    const isFine = policy === 'coarse-to-fine';
    const context = keeps && isFine && region ? kept.located(about) : null;
    if (isFine && !context) await within(kept.releaseLocated());
    const input: RunInput = {
      ...splitQuestion(text),
      budgets,
      looks,
      cap,
      maxLooks,
      ...(maxNewTokens !== undefined && { maxNewTokens }),
      // Nobody looks at what the baseline saw: it is the picture.
      previews: previews && lane === 'looks',
      keepContext: keeps && isFine && context === null,
      ...(region && { hand: { region, context } }),
    };
    const opening = POLICIES[policy].opening?.({ picture: picture.info, profile, input });
    const prefix = keeps && opening ? kept.prefix(model, opening) : { model, picture, aheadMs: 0 };
    const aheadMs = context ? 0 : prefix.aheadMs;
    // A second look by hand goes on from the first look that was there, and its time counts.
    const before = context ? shownIn(state, lane) : null;
    const first = firstStage(before?.events ?? []);
    const earlier = before?.state.stages[0]?.measure?.timings.total ?? 0;
    const id = nextId++;
    let fold: RunState = IDLE_RUN;
    const record: RunEvent[] = [];
    const asking = { id, policy, text, model, events: record, memory: null };
    const environment = { model: prefix.model, picture: prefix.picture, now, signal };
    const events = POLICIES[policy].run(input, { ...environment, started: asked, aheadMs });
    let isOver = false;
    try {
      for await (const next of events) {
        const isStart = next.type === 'run-started';
        const event = isStart ? next : { ...next, at: next.at + earlier };
        if (event.type === 'context-kept') {
          kept.keep(event.context, about, signal);
          continue;
        }
        if (event.type === 'picture-viewed') bitmaps.add(event.view.preview);
        const told = isStart ? [event, ...first] : [event];
        if (event.type !== 'prefilling') record.push(...told);
        fold = told.reduce(foldEvent, fold);
        if (isStart) {
          const entry = { ...asking, state: fold, report: null };
          if (!signal.aborted) update(withNew(state, entry), event);
        } else {
          const report = reportOf(fold);
          update(withChanged(state, id, { state: fold, report }), event);
        }
        yield event;
      }
      isOver = true;
    } finally {
      // Left by its reader, who does not want to see it.
      if (!isOver) update({ asked: state.asked.filter((entry) => entry.id !== id) });
      tidy();
    }
    const code = fold.error?.code;
    if (code !== undefined && PRESSING.includes(code)) await within(kept.release());
    else if (!signal.aborted) await weigh(model, id);
    const entry = { ...asking, state: fold, report: reportOf(fold) };
    return state.asked.find((one) => one.id === id) ?? entry;
  }

  async function weigh(model: VisionLanguageModel, id: number): Promise<void> {
    const memory = await within(model.memory());
    if (memory) update(withChanged(state, id, { memory }));
    if ((memory?.wasmHeap ?? 0) > HEAP_PRESSURE) await within(kept.release());
  }

  return {
    get state() {
      return state;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async lookAhead(model, { policy, budgets, looks }) {
      if (isClosed || !keeps || state.running !== null) return;
      const { profile } = model.info;
      const asked = { ...profile.budgets, ...budgets };
      const input = { budgets: heldBudgets(model.info, asked), looks };
      const opening = POLICIES[policy].opening?.({ picture: picture.info, profile, input });
      if (!opening) return;
      const work = kept.ahead(model, opening);
      if (!work) return;
      const mine = ++aheads;
      update({ ahead: 'looking' });
      const isReady = await work;
      bitmaps.add(kept.view()?.preview ?? null);
      tidy();
      if (mine === aheads) update({ ahead: isReady ? 'ready' : 'no' });
    },
    async *ask(request) {
      const asked = request.started ?? now();
      controller.abort();
      const mine = (controller = new AbortController());
      update({ running: laneOf(request.policy) });
      try {
        const model = await Promise.race([parts.model(), whenFired(mine.signal)]);
        if (!model || isClosed || mine.signal.aborted) return null;
        return yield* run(request, asked, model, mine.signal);
      } catch (thrown) {
        const error = toWire(toErgoError(thrown));
        const { policy, text } = request;
        const failed = { ...IDLE_RUN, status: 'failed', error } as const;
        const nothing = { model: null, events: [], report: null, memory: null };
        const entry = { id: nextId++, policy, text, state: failed, ...nothing };
        if (controller === mine && !isClosed) update(withNew(state, entry));
        yield { type: 'run-failed', error, at: now() - asked };
        return entry;
      } finally {
        // A reader that leaves stops the run; after its end nothing listens any more.
        mine.abort();
        if (controller === mine) update({ running: null });
      }
    },
    show(id) {
      update(withShown(state, id));
      tidy();
    },
    stop: () => controller.abort(),
    relieve: () => kept.release(),
    async close() {
      isClosed = true;
      controller.abort();
      await within(kept.release());
      update({ ...NOTHING_ASKED, ahead: 'no' });
      tidy();
      // A worker that is gone has freed it already.
      await within(picture.close());
    },
  };
}

function whenFired(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
