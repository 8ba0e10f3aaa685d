import { beforeEach, expect, it, vi } from 'vitest';
import type { Context, ContextId } from '../../core/contracts/model.ts';
import type { RunInput } from '../../core/policies/policy.ts';
import { scriptedModel, scriptedPicture } from '../../core/policies/testing/scripted.ts';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import type { RunEvent } from '../../core/run/events.ts';
import { useAsk } from './ask-store.ts';
import type { ModelOffer } from '../backend/backend.ts';
import { useModel } from '../models/model-store.ts';

/** A run whose events come when the test says so. */
interface Run {
  readonly input: RunInput;
  readonly signal: AbortSignal;
  readonly tell: (event: object) => Promise<void>;
  readonly end: () => Promise<void>;
}
const runs: Run[] = [];

vi.mock('../backend/load-backend.ts', () => ({
  loadBackend: async () => ({
    openPicture: async () => ({
      ...scriptedPicture({ width: 400, height: 300 }),
      glance: async () => null,
    }),
    startRun: ({ input, signal }: Run) => {
      const { readable, writable } = new TransformStream<RunEvent, RunEvent>();
      const writer = writable.getWriter();
      const tell = async (event: object): Promise<void> => {
        await writer.write({ at: 0, ...event } as RunEvent);
        // One turn of the event loop, so that it has been read.
        await new Promise((resolve) => setTimeout(resolve));
      };
      runs.push({ input, signal, tell, end: () => writer.close() });
      return readable;
    },
  }),
}));

const context: Context = { id: 'context-1' as ContextId };
const view = () => ({ preview: { close: vi.fn<() => void>() } });

function useScriptedModel() {
  const release = vi.fn<(context: Context) => Promise<void>>(async () => undefined);
  const model = { ...scriptedModel({ replies: [] }), release };
  const offer = { profile: TINY_PROFILE } as ModelOffer;
  useModel.setState({ model, status: 'ready', offer, discover: async () => offer });
  return release;
}

async function begin(region?: Parameters<ReturnType<typeof useAsk.getState>['ask']>[1]) {
  const done = useAsk.getState().ask('coarse-to-fine', region);
  const count = runs.length;
  await vi.waitFor(() => expect(runs).toHaveLength(count + 1));
  const run = runs.at(-1);
  if (!run) throw new Error('no run');
  await run.tell({ type: 'run-started' });
  await run.tell({ type: 'stage-started', stage: 'coarse' });
  return { ...run, done };
}

beforeEach(async () => {
  useAsk.getState().leave();
  runs.length = 0;
});

it('releases a context that a run keeps after its picture was left', async () => {
  const release = useScriptedModel();
  await useAsk.getState().show(new Blob(), 'first');
  const { tell, end, signal, done } = await begin();
  await useAsk.getState().show(new Blob(), 'second');
  expect(signal.aborted).toBe(true);
  await tell({ type: 'context-kept', context });
  expect(release).toHaveBeenCalledExactlyOnceWith(context);
  await end();
  await done;
  const next = await begin({ frame: 'original', x: 0, y: 0, width: 100, height: 100 });
  expect(next.input.hand?.context).toBeNull();
});

it('keeps a context for its own model only', async () => {
  const release = useScriptedModel();
  await useAsk.getState().show(new Blob(), 'picture');
  const first = await begin();
  await first.tell({ type: 'context-kept', context });
  await first.end();
  await first.done;
  const region = { frame: 'original', x: 0, y: 0, width: 100, height: 100 } as const;
  const same = await begin(region);
  expect(same.input.hand?.context).toBe(context);
  await same.end();
  await same.done;
  useScriptedModel();
  expect((await begin(region)).input.hand?.context).toBeNull();
  expect(release).toHaveBeenCalledExactlyOnceWith(context);
});

it('keeps a context for its own question and coarse view only', async () => {
  const release = useScriptedModel();
  await useAsk.getState().show(new Blob(), 'picture', { question: 'What is it?' });
  const region = { frame: 'original', x: 0, y: 0, width: 100, height: 100 } as const;
  const ask = async () => {
    const run = await begin(region);
    const { hand } = run.input;
    await run.tell({ type: 'context-kept', context });
    await run.end();
    await run.done;
    return hand?.context ?? null;
  };
  await ask();
  expect(await ask()).toBe(context);
  useAsk.getState().setQuestion('Where is it?');
  expect(await ask()).toBeNull();
  expect(await ask()).toBe(context);
  useAsk.getState().setBudgets({ coarse: 64 });
  expect(await ask()).toBeNull();
  expect(release).toHaveBeenCalled();
  useAsk.getState().setBudgets({ coarse: TINY_PROFILE.budgets.coarse });
});

it('counts the time of the first look in a second look by hand', async () => {
  useScriptedModel();
  await useAsk.getState().show(new Blob(), 'picture');
  const first = await begin();
  const measure = { timings: { total: 70 } };
  await first.tell({ type: 'stage-measured', stage: 'coarse', measure, at: 75 });
  await first.tell({ type: 'context-kept', context, at: 75 });
  await first.end();
  await first.done;
  const again = await begin({ frame: 'original', x: 0, y: 0, width: 100, height: 100 });
  await again.tell({ type: 'run-finished', at: 30 });
  await again.end();
  await again.done;
  expect(useAsk.getState().runs['coarse-to-fine'].elapsed).toBe(100);
});

it('asks what stood there when it was asked', async () => {
  useScriptedModel();
  await useAsk.getState().show(new Blob(), 'picture', { question: 'What is it?' });
  const { load } = useModel.getState();
  const done = new Promise<void>((resolve) => {
    useModel.setState({
      load: async () => {
        useAsk.getState().setQuestion('What is th');
        resolve();
        return load();
      },
    });
  });
  const run = await begin();
  await done;
  expect(run.input.question).toBe('What is it?');
  useModel.setState({ load });
});

it('shows the newest run; what an older one says is dropped and its pictures closed', async () => {
  useScriptedModel();
  await useAsk.getState().show(new Blob(), 'picture');
  const [mine, late] = [view(), view()];
  const older = await begin();
  const newer = await begin();
  expect(older.signal.aborted).toBe(true);
  await newer.tell({ type: 'picture-viewed', stage: 'coarse', view: mine });
  await older.tell({ type: 'picture-viewed', stage: 'coarse', view: late });
  await older.tell({ type: 'run-failed', error: { code: 'cancelled', message: '' } });
  await older.end();
  await older.done;
  const { runs, running } = useAsk.getState();
  expect(runs['coarse-to-fine']).toMatchObject({ status: 'running', stages: [{ views: [mine] }] });
  expect(running).toBe('coarse-to-fine');
  expect(late.preview.close).toHaveBeenCalledOnce();
  expect(mine.preview.close).not.toHaveBeenCalled();
  useAsk.getState().leave();
  expect(mine.preview.close).toHaveBeenCalledOnce();
});
