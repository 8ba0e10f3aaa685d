/** One picture, its question, and the latest run of each policy. */
import { create } from 'zustand';
import type { Context, MemoryReport } from '../../core/contracts/model.ts';
import type { OpenPicture, PictureInfo } from '../../core/contracts/pictures.ts';
import type { Budgets } from '../../core/contracts/profile.ts';
import { FATAL, fromWire, toErgoError, type ErgoError } from '../../core/errors.ts';
import type { Box } from '../../core/geometry/size.ts';
import { splitQuestion } from '../../core/protocol/question.ts';
import type { PolicyName } from '../../core/run/events.ts';
import {
  foldEvent,
  IDLE_RUN,
  reportOf,
  type RunState,
  type StageState,
} from '../../core/run/fold.ts';
import type { RunReport } from '../../core/run/report.ts';
import { loadBackend } from '../backend/load-backend.ts';
import type { RemoteModel } from '../../workers/clients/remote-model.ts';
import { useModel } from '../models/model-store.ts';

/** The policies that the page compares. */
export type Lane = Extract<PolicyName, 'coarse-to-fine' | 'full-resolution'>;

export interface ShownPicture {
  readonly file: Blob;
  readonly name: string;
  /** Object URL of the file; revoked when another picture is shown. */
  readonly url: string;
  /** Drawn instead of a file that is too large for it; closed when another picture is shown. */
  readonly glance: ImageBitmap | null;
  readonly info: PictureInfo;
  /** Ready questions; none for a person's own pictures. */
  readonly suggestions: readonly string[];
}

export interface HistoryEntry {
  readonly id: number;
  readonly file: Blob;
  readonly name: string;
  readonly question: string;
  readonly report: RunReport;
}

interface About {
  readonly question?: string;
  readonly suggestions?: readonly string[];
}

export interface AskStore {
  readonly picture: ShownPicture | null;
  readonly isOpening: boolean;
  readonly pictureError: ErgoError | null;
  readonly question: string;
  readonly budgets: Partial<Budgets>;
  readonly runs: Readonly<Record<Lane, RunState>>;
  readonly running: Lane | null;
  readonly memory: Readonly<Partial<Record<Lane, MemoryReport>>>;
  readonly history: readonly HistoryEntry[];
  /** @param source may still be on its way; what is shown after it wins all the same */
  readonly show: (source: Blob | Promise<Blob>, name: string, about?: About) => Promise<void>;
  /** The same picture and question for another model, which may see pictures by other rules. */
  readonly reopen: () => Promise<void>;
  readonly leave: () => void;
  readonly setQuestion: (question: string) => void;
  readonly setBudgets: (budgets: Partial<Budgets>) => void;
  /** @param region drawn by hand: only the second look runs again */
  readonly ask: (lane: Lane, region?: Box<'original'>) => Promise<void>;
  readonly stop: () => void;
}

/** The first look's context: of one model, one question and one size of the coarse view. */
interface Kept {
  readonly context: Context;
  readonly model: RemoteModel;
  readonly asked: string;
  readonly coarse: number;
}

const LANES = ['coarse-to-fine', 'full-resolution'] as const satisfies readonly Lane[];
const NO_RUNS = { 'coarse-to-fine': IDLE_RUN, 'full-resolution': IDLE_RUN } as const;

/** Milliseconds between two drawings of a text that is being written. */
const REFRESH = 60;

let open: OpenPicture | null = null;
let kept: Kept | null = null;
let controller = new AbortController();
/** Which run of a lane a person sees: an older one may still be ending. */
const newest: Partial<Record<Lane, AbortSignal>> = {};
/** Latest wins: a slower open of an earlier file is dropped. */
let opening = 0;
let nextEntry = 1;

export const useAsk = create<AskStore>()((set, get) => {
  function forget(): void {
    controller.abort();
    for (const lane of LANES) delete newest[lane];
    releaseKept();
    // A worker that is gone has freed it already.
    open?.close().catch(() => undefined);
    open = null;
    const shown = get().picture;
    if (shown) URL.revokeObjectURL(shown.url);
    shown?.glance?.close();
    for (const run of Object.values(get().runs)) closePreviews(run.stages);
    set({ picture: null, runs: NO_RUNS, running: null, memory: {}, pictureError: null });
  }

  function place(lane: Lane, run: RunState): void {
    set({ runs: { ...get().runs, [lane]: run } });
  }

  async function run(
    lane: Lane,
    region: Box<'original'> | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    // What is typed from here on is the next question.
    const asked = get().question;
    const model = await useModel.getState().load();
    const picture = open;
    const { offer } = useModel.getState();
    if (!model || !picture || !offer || signal.aborted) return;
    const { question, options } = splitQuestion(asked);
    const budgets = { ...offer.profile.budgets, ...get().budgets };
    const before = get().runs[lane];
    const isSame = kept?.model === model && kept.asked === asked && kept.coarse === budgets.coarse;
    if (lane === 'coarse-to-fine' && (!region || !isSame)) releaseKept();
    // A second look by hand goes on from the first look that was there, and its time counts.
    const coarse = region && kept ? before.stages.slice(0, 1) : [];
    const earlier = coarse[0]?.measure?.timings.total ?? 0;
    closePreviews(before.stages, coarse);
    const hand = region && { hand: { region, context: kept?.context ?? null } };
    const { startRun } = await loadBackend();
    const events = startRun({
      policy: lane,
      input: {
        question,
        options,
        budgets,
        // Nobody looks at what the baseline saw: it is the picture.
        previews: lane === 'coarse-to-fine',
        keepContext: lane === 'coarse-to-fine' && kept === null,
        ...hand,
      },
      picture,
      model,
      signal,
    });
    let state: RunState = before;
    let placed = 0;
    for await (const event of events) {
      if (event.type === 'context-kept') {
        keep({ context: event.context, model, asked, coarse: budgets.coarse }, signal);
      }
      state = foldEvent(state, { ...event, at: event.at + earlier });
      if (event.type === 'run-started') state = { ...state, stages: coarse };
      // Tokens can come faster than anybody reads; whatever follows them is shown at once.
      if (event.type === 'token' && performance.now() - placed < REFRESH) continue;
      placed = performance.now();
      if (newest[lane] === signal) place(lane, state);
    }
    if (newest[lane] !== signal) return closePreviews(state.stages, get().runs[lane].stages);
    if (state.error && FATAL.includes(state.error.code) && useModel.getState().model === model) {
      kept = null;
      useModel.getState().lost(fromWire(state.error));
    }
    const report = reportOf(state);
    if (report) await record(lane, report, asked);
  }

  async function record(lane: Lane, report: RunReport, question: string): Promise<void> {
    const { picture, history } = get();
    if (!picture) return;
    const entry = { id: nextEntry++, file: picture.file, name: picture.name, question, report };
    set({ history: [entry, ...history].slice(0, 30) });
    const memory = await useModel.getState().model?.memory();
    if (memory) set({ memory: { ...get().memory, [lane]: memory } });
  }

  return {
    picture: null,
    isOpening: false,
    pictureError: null,
    question: '',
    budgets: {},
    runs: NO_RUNS,
    running: null,
    memory: {},
    history: [],

    async show(source, name, { question = '', suggestions = [] } = {}) {
      const mine = ++opening;
      forget();
      set({ isOpening: true, question });
      try {
        const file = await source;
        if (mine !== opening) return;
        const offer = await useModel.getState().discover();
        if (offer === null) throw useModel.getState().error ?? new Error('There is no model.');
        const { openPicture } = await loadBackend();
        const picture = await openPicture(file, offer.profile.image);
        // What is wrong with a file is told when it is asked about.
        const glance = await picture.glance().catch(() => null);
        if (mine !== opening) {
          glance?.close();
          return void picture.close();
        }
        open = picture;
        const { info } = picture;
        const url = URL.createObjectURL(file);
        set({ picture: { file, name, url, glance, info, suggestions }, isOpening: false });
      } catch (thrown) {
        if (mine !== opening) return;
        const error = toErgoError(thrown);
        set({ pictureError: error, isOpening: false });
        // A new imaging worker comes with a new engine.
        if (error.code === 'worker-died') useModel.getState().lost(error);
      }
    },
    async reopen() {
      const { picture, question, show } = get();
      if (!picture) return;
      const { file, name, suggestions } = picture;
      await show(file, name, { question, suggestions });
    },
    leave() {
      opening++;
      forget();
      set({ question: '', isOpening: false });
    },
    setQuestion: (question) => set({ question }),
    setBudgets: (budgets) => set({ budgets: { ...get().budgets, ...budgets } }),
    async ask(lane, region) {
      controller.abort();
      const mine = (controller = new AbortController());
      newest[lane] = mine.signal;
      set({ running: lane });
      try {
        await run(lane, region, mine.signal);
      } catch (thrown) {
        if (newest[lane] !== mine.signal) return;
        const { code, message } = toErgoError(thrown);
        place(lane, { ...get().runs[lane], status: 'failed', error: { code, message } });
      } finally {
        if (controller === mine) set({ running: null });
      }
    },
    stop() {
      useModel.getState().cancel();
      controller.abort();
    },
  };
});

// Another model may see pictures by other rules.
useModel.subscribe((now, before) => {
  if (before.offer && now.offer && now.offer.source !== before.offer.source) {
    void useAsk.getState().reopen();
  }
});

/**
 * The run that a person sees belongs to the page, and its pictures with it.
 * @param shown stages that go on being seen; they may share views
 */
function closePreviews(stages: readonly StageState[], shown: readonly StageState[] = []): void {
  const views = new Set(shown.flatMap((stage) => stage.views));
  for (const view of stages.flatMap((stage) => stage.views)) {
    if (!views.has(view)) view.preview?.close();
  }
}

/** @param signal fired means that nobody will ask about this run again */
function keep(fresh: Kept, signal: AbortSignal): void {
  if (signal.aborted) return release(fresh);
  releaseKept();
  kept = fresh;
}

function releaseKept(): void {
  if (kept) release(kept);
  kept = null;
}

function release({ context, model }: Kept): void {
  // A model that is gone has freed it already.
  model.release(context).catch(() => undefined);
}
