import { beforeEach, expect, it, vi } from 'vitest';
import type { Context, ContextId } from '../../core/contracts/model.ts';
import type { RunInput } from '../../core/policies/policy.ts';
import { scriptedModel, scriptedPicture } from '../../core/policies/testing/scripted.ts';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import type { RunEvent } from '../../core/run/events.ts';
import { useAsk } from './ask-store.ts';
import type { ModelOffer } from './backend.ts';
import { useModel } from './model-store.ts';

/** A run whose events come when the test says so. */
interface Run {
  readonly input: RunInput;
  readonly signal: AbortSignal;
  readonly tell: (event: object) => Promise<void>;
  readonly end: () => Promise<void>;
}
const runs: Run[] = [];

vi.mock('./load-backend.ts', () => ({
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
