/** A dataset, what to measure on it, and how far that is. */
import { create } from 'zustand';
import type { BenchItem, Dataset } from '../../core/bench/item.ts';
import type { BenchRun } from '../../core/bench/score.ts';
import { ErgoError, hasCode, toErgoError } from '../../core/errors.ts';
import type { RemoteModel } from '../../workers/clients/remote-model.ts';
import { useAsk } from '../ask/ask-store.ts';
import { useModel, type DeviceChoice } from '../models/model-store.ts';
import { spend, type Spent } from './forecast.ts';
import {
  forgetRuns,
  keepChoice,
  keepRun,
  keptRuns,
  lastChoice,
  type BenchDevice,
  type Choice,
} from './journal.ts';
import { measure } from './measure.ts';
import {
  DEFAULT_SETTINGS,
  inOrder,
  planOf,
  runName,
  type Plan,
  type Settings,
} from './settings.ts';
import { queryClient } from '../query/query-client.ts';
import { embeddedDataset } from './sources.ts';

export interface Current {
  readonly item: BenchItem;
  /** Its name in the report, see `contenderOf`. */
  readonly policy: string;
  readonly isWarmUp: boolean;
}

export interface BenchStore {
  readonly dataset: Dataset | null;
  readonly isReading: boolean;
  readonly datasetError: ErgoError | null;
  /** Name of the picked dataset of the last visit, which has to be picked again. */
  readonly missing: string | null;
  readonly settings: Settings;
  /** Null until dataset and model are known. */
  readonly plan: Plan | null;
  readonly status: 'idle' | 'running' | 'paused';
  readonly current: Current | null;
  /** Of the plan, also those of earlier visits. */
  readonly runs: readonly BenchRun[];
  readonly device: BenchDevice | null;
  readonly spent: Spent;
  readonly error: ErgoError | null;
  /** False where the browser keeps nothing: a reload starts anew. */
  readonly isKept: boolean;
  /** What was chosen last time, once per page. */
  readonly restore: () => Promise<void>;
  /** @param open resolves to null if nothing was picked after all */
  readonly read: (source: Choice['source'], open: () => Promise<Dataset | null>) => Promise<void>;
  readonly choose: (settings: Partial<Settings>) => void;
  /** Finds the plan's finished runs. */
  readonly recall: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** The run that is under way is done again later. */
  readonly pause: () => void;
  readonly stop: () => void;
  /** Forgets the plan's runs. */
  readonly forget: () => Promise<void>;
}

let controller = new AbortController();
let measuring: Promise<void> = Promise.resolve();
let restoring: Promise<void> | undefined;
/** Latest wins: a slower reading or recalling of an earlier choice is dropped. */
let reading = 0;
let recalling = 0;
let source: Choice['source'] = 'embedded';

export const useBench = create<BenchStore>()((set, get) => {
  async function restore(): Promise<void> {
    const choice = await lastChoice().catch(() => undefined);
    if (choice) {
      set({ settings: choice.settings });
      const { device, model, chooseDevice } = useModel.getState();
      // Neither what was chosen on this visit nor a model that is ready is overruled.
      if (device === 'auto' && model === null && choice.device !== 'auto') {
        chooseDevice(choice.device);
      }
      if (choice.source === 'picked') return set({ missing: choice.name });
    }
    await get().read('embedded', () => queryClient.fetchQuery(embeddedDataset));
  }

  /** Where the browser keeps nothing, the runs of this visit are all there is. */
  async function kept(work: Promise<unknown>): Promise<void> {
    await work.catch(() => set({ isKept: false }));
  }

  /** The plan of what is chosen now, and its finished runs. */
  async function find(): Promise<void> {
    const mine = ++recalling;
    const { dataset, settings } = get();
    const { offer, device } = useModel.getState();
    if (!dataset || !offer) return set({ plan: null, runs: [] });
    const plan = await planOf(dataset, settings, offer, device, import.meta.url);
    const found = await keptRuns(plan.key).catch(() => null);
    if (mine !== recalling) return;
    // What could not be stored is still in memory.
    const before = get().plan?.key === plan.key ? get().runs : [];
    const runs = inOrder([...before, ...(found ?? []).map(({ run }) => run)], plan);
    set({
      plan,
      runs,
      device: found?.[0]?.device ?? (runs.length > 0 ? get().device : null),
      isKept: found !== null,
    });
  }

  async function run({ dataset, plan, signal }: Assignment): Promise<void> {
    const done = new Map(get().runs.map((one) => [runName(one), one]));
    const isDone = (item: BenchItem, policy: string): boolean =>
      done.has(runName({ id: item.id, policy }));
    const { device } = useModel.getState();
    const load = (): Promise<RemoteModel> => loadFor(device);
    for await (const step of measure({ dataset, plan, isDone, load, signal })) {
      if (step.type === 'began') {
        const { item, policy, isWarmUp } = step;
        set({ current: { item, policy, isWarmUp } });
        continue;
      }
      const { policy, kept: ended, milliseconds } = step;
      checkDevice(ended.device, done.size > 0 ? get().device : null);
      done.set(runName(ended.run), ended.run);
      await kept(keepRun(plan.key, ended));
      set({
        runs: inOrder([...done.values()], plan),
        device: ended.device,
        spent: spend(get().spent, policy, milliseconds),
      });
    }
  }

  return {
    dataset: null,
    isReading: false,
    datasetError: null,
    missing: null,
    settings: DEFAULT_SETTINGS,
    plan: null,
    status: 'idle',
    current: null,
    runs: [],
    device: null,
    spent: {},
    error: null,
    isKept: true,

    restore: () => (restoring ??= restore()),

    async read(from, open) {
      if (get().status === 'running') return;
      const mine = ++reading;
      set({ isReading: true, datasetError: null });
      try {
        const dataset = await open();
        if (mine !== reading) return;
        if (dataset === null) return set({ isReading: false });
        source = from;
        set({ dataset, plan: null, runs: [], missing: null, isReading: false, status: 'idle' });
        await get().recall();
      } catch (thrown) {
        if (mine !== reading) return;
        const datasetError = toErgoError(thrown, 'dataset-unreadable');
        set({ dataset: null, plan: null, runs: [], isReading: false, datasetError });
      }
    },

    choose(settings) {
      set({ settings: { ...get().settings, ...settings }, status: 'idle' });
      void get().recall();
    },

    async recall() {
      // What is being measured stays what it is; it ends when it meets another model.
      if (get().status !== 'running') await find();
    },

    async start() {
      if (get().status === 'running') return;
      const mine = (controller = new AbortController());
      // A run on the other page would share the processor.
      if (useAsk.getState().asked.running !== null) useAsk.getState().stop();
      set({ status: 'running', spent: {}, error: null });
      // What was paused may still be on its way out.
      await measuring;
      await find();
      if (mine.signal.aborted) return;
      const { dataset, plan, settings } = get();
      if (!dataset || !plan) return set({ status: 'idle' });
      const { device } = useModel.getState();
      await kept(keepChoice({ source, name: dataset.name, settings, device }));
      measuring = run({ dataset, plan, signal: mine.signal }).then(
        () => set({ status: 'idle' }),
        (thrown: unknown) => {
          // Whoever cancelled has set the status.
          if (mine.signal.aborted) return;
          const error = toErgoError(thrown);
          set({ status: 'paused', error: hasCode(error, 'cancelled') ? null : error });
        },
      );
      await measuring;
      if (mine !== controller) return;
      set({ current: null });
      // Another device was chosen in the meantime: another plan.
      await get().recall();
    },
    pause() {
      if (get().status !== 'running') return;
      set({ status: 'paused', current: null });
      controller.abort();
    },
    stop() {
      set({ status: 'idle', current: null });
      controller.abort();
    },
    async forget() {
      const { plan } = get();
      if (plan) await kept(forgetRuns(plan.key));
      set({ runs: [], device: null, status: 'idle', error: null });
    },
  };
});

// Another model or device is another plan, and so is the same model under other prompts.
useModel.subscribe((now, before) => {
  const isOther = now.offer !== before.offer || now.model !== before.model;
  if (isOther || now.device !== before.device) {
    void useBench.getState().recall();
  }
});

interface Assignment {
  readonly dataset: Dataset;
  readonly plan: Plan;
  readonly signal: AbortSignal;
}

/** @throws ErgoError why there is no model; `cancelled` if another device was chosen meanwhile */
async function loadFor(device: DeviceChoice): Promise<RemoteModel> {
  const state = useModel.getState();
  const model = state.device === device ? await state.load() : null;
  if (model) return model;
  throw useModel.getState().error ?? new ErgoError('cancelled', 'The model was not loaded.');
}

/** Medians over two devices would be of neither. @throws ErgoError `session-failed` */
function checkDevice(now: BenchDevice, before: BenchDevice | null): void {
  if (before === null || nameOf(now) === nameOf(before)) return;
  throw new ErgoError(
    'session-failed',
    `The finished runs were measured on ${nameOf(before)}, and this one on ${nameOf(now)}.`,
  );
}

function nameOf({ report: { used, adapter, threads } }: BenchDevice): string {
  return used === 'wasm' ? `wasm with ${threads} threads` : `webgpu (${adapter})`;
}
