import { beforeEach, describe, expect, it, vi } from 'vitest';
import { scriptedModel } from '../../core/policies/testing/scripted.ts';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import type * as Errors from '../../core/errors.ts';
import type { RemoteModel } from '../../workers/clients/remote-model.ts';
import type { LoadChoice } from '../backend/backend.ts';
import type { ModelOffer } from '../backend/offer.ts';
import type { isTold, useModel } from './model-store.ts';

interface Load {
  readonly offer: ModelOffer;
  readonly device: LoadChoice['device'];
  readonly signal: AbortSignal | undefined;
  readonly end: (model: RemoteModel) => void;
  readonly fail: (error: Error) => void;
  readonly onGone: LoadChoice['onGone'];
}
const loads: Load[] = [];
let reading = Promise.resolve();
const files = [new File([], 'manifest.json')];
const kept = new Map<string, string>();

/** Models of the hub are found only if their name begins with "stored". */
const offerOf = (reference: string | undefined, dtype: string) =>
  ({
    source: { reference },
    profile: { ...TINY_PROFILE, name: reference ?? 'own' },
    dtype,
    isCached: false,
  }) as ModelOffer;

vi.mock('../backend/load-backend.ts', () => ({
  loadBackend: async () => ({
    offerModel: async (name = 'embedded', { device }: { device: string }) => {
      if (!/^(embedded|stored)/.test(name)) throw new ErgoError('hub-missing', `No ${name}.`);
      return offerOf(name, device === 'wasm' ? 'q4' : 'q4f16');
    },
    offerFolder: async (files: readonly File[]) => {
      if (files.length === 0) throw new ErgoError('manifest-invalid', 'No manifest.');
      await reading;
      return offerOf(undefined, 'q8');
    },
    loadModel: (offer: ModelOffer, { device, signal, onGone }: LoadChoice) =>
      new Promise<RemoteModel>((end, fail) =>
        loads.push({ offer, device, signal, end, fail, onGone }),
      ),
  }),
}));

let store: typeof useModel;
let isToldHere: typeof isTold;
/** Of the same visit: an error of another one is a foreign error. */
let ErgoError: typeof Errors.ErgoError;

beforeEach(async () => {
  loads.length = 0;
  reading = Promise.resolve();
  kept.clear();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  await visit();
});

/** A page that is opened anew. */
async function visit(): Promise<void> {
  vi.resetModules();
  ({ useModel: store, isTold: isToldHere } = await import('./model-store.ts'));
  ({ ErgoError } = await import('../../core/errors.ts'));
}

async function loading(count: number): Promise<Load> {
  await vi.waitFor(() => expect(loads).toHaveLength(count));
  const last = loads.at(-1);
  if (!last) throw new Error('no load');
  return last;
}

async function use(reference: string): Promise<void> {
  const chosen = store.getState().choose(reference);
  (await loading(loads.length + 1)).end(scriptedModel({ replies: [] }));
  await chosen;
}

const name = () => store.getState().offer?.profile.name;

describe('choosing a model', () => {
  it('loads it, and lets go of one that is still loading', async () => {
    await store.getState().discover();
    const first = store.getState().load();
    const older = await loading(1);
    const chosen = store.getState().choose(files);
    const newer = await loading(2);
    expect(older.signal?.aborted).toBe(true);
    older.end(scriptedModel({ replies: [] }));
    expect(await first).toBeNull();
    expect(store.getState()).toMatchObject({ status: 'loading', model: null });
    const own = scriptedModel({ replies: [] });
    newer.end(own);
    expect(await chosen).toBe(true);
    expect(store.getState()).toMatchObject({ status: 'ready', model: own });
    expect((await store.getState().discover())?.profile.name).toBe('own');
  });

  it('takes nothing away when there is no such model', async () => {
    await store.getState().discover();
    const before = store.getState();
    expect(await before.choose([])).toBe(false);
    expect(store.getState().refused?.error.code).toBe('manifest-invalid');
    expect(await before.choose('nobody/nothing')).toBe(false);
    expect(store.getState()).toMatchObject({
      status: 'offered',
      offer: before.offer,
      refused: { name: 'nobody/nothing', error: { code: 'hub-missing' } },
    });
  });

  it('takes what was chosen last, not what was read last', async () => {
    await store.getState().discover();
    let end: (() => void) | undefined;
    reading = new Promise((resolve) => (end = resolve));
    const slow = store.getState().choose(files);
    const quick = store.getState().choose('stored/model');
    (await loading(1)).end(scriptedModel({ replies: [] }));
    expect(await quick).toBe(true);
    end?.();
    expect(await slow).toBe(false);
    expect(name()).toBe('stored/model');
  });

  it('offers the one before again if the new one cannot be loaded', async () => {
    const first = store.getState().load();
    (await loading(1)).end(scriptedModel({ replies: [] }));
    await first;
    const chosen = store.getState().choose('stored/model');
    (await loading(2)).fail(new ErgoError('session-failed', 'It does not start.'));
    expect(await chosen).toBe(false);
    expect(store.getState()).toMatchObject({
      status: 'offered',
      error: null,
      refused: { name: 'stored/model', error: { code: 'session-failed' } },
    });
    expect(name()).toBe('embedded');
    const again = store.getState().load();
    const model = scriptedModel({ replies: [] });
    (await loading(3)).end(model);
    expect(await again).toBe(model);
  });
});

describe('the next visit', () => {
  it('begins with the model that was in use', async () => {
    await use('stored/model');
    await visit();
    await store.getState().discover();
    expect(name()).toBe('stored/model');
  });

  it('begins with the embedded model, and says why, where that cannot be found', async () => {
    kept.set('ergo-model', 'gone/model');
    await store.getState().discover();
    expect(name()).toBe('embedded');
    expect(store.getState()).toMatchObject({ status: 'offered', refused: { name: 'gone/model' } });
    // It may only have been a day without a network.
    expect(kept.get('ergo-model')).toBe('gone/model');
  });

  it('remembers no model that did not load', async () => {
    await use('stored/first');
    const chosen = store.getState().choose('stored/second');
    (await loading(2)).fail(new ErgoError('out-of-memory', 'Too large.'));
    await chosen;
    await visit();
    await store.getState().discover();
    expect(name()).toBe('stored/first');
  });
});

const died = () => new ErgoError('worker-died', 'It died.');

async function ready(): Promise<Load> {
  const loaded = store.getState().load();
  const load = await loading(loads.length + 1);
  load.end(scriptedModel({ replies: [] }));
  await loaded;
  return load;
}

describe('a model that is gone', () => {
  it('is let go, which is told; the next question loads another', async () => {
    const { onGone } = await ready();
    onGone?.(died());
    expect(store.getState()).toMatchObject({ status: 'failed', error: { code: 'worker-died' } });
    expect(store.getState().model).toBeNull();
    const { error } = store.getState();
    expect([error, died(), null].map((one) => isToldHere(store.getState(), one))).toEqual([
      true,
      false,
      false,
    ]);
    await ready();
    expect(store.getState()).toMatchObject({ status: 'ready', error: null });
  });

  it('is not told twice: not when a run ends with it, nor when a script took its place', async () => {
    const { beginRun } = await import('../backend/busy.ts');
    const first = await ready();
    const end = beginRun();
    first.onGone?.(died());
    end();
    expect(store.getState()).toMatchObject({ status: 'offered', error: null, model: null });
    const second = await ready();
    second.onGone?.(new ErgoError('model-not-loaded', 'Another model was loaded.'));
    expect(store.getState()).toMatchObject({ status: 'offered', error: null, model: null });
  });

  it('takes nothing from the one that came after it', async () => {
    const older = await ready();
    const chosen = store.getState().choose('stored/model');
    const newer = await loading(2);
    older.onGone?.(died());
    expect(store.getState()).toMatchObject({ status: 'loading', error: null });
    newer.end(scriptedModel({ replies: [] }));
    await chosen;
    older.onGone?.(died());
    expect(store.getState().status).toBe('ready');
  });
});

it('asks for the precision that suits a device that is chosen later', async () => {
  await store.getState().discover();
  expect(store.getState().offer?.dtype).toBe('q4f16');
  store.getState().chooseDevice('wasm');
  const loaded = store.getState().load();
  const { offer, device, end } = await loading(1);
  expect({ dtype: offer.dtype, device }).toEqual({ dtype: 'q4', device: 'wasm' });
  end(scriptedModel({ replies: [] }));
  await loaded;
});
