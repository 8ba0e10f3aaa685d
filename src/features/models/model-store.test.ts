import { expect, it, vi } from 'vitest';
import { scriptedModel } from '../../core/policies/testing/scripted.ts';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import { ErgoError } from '../../core/errors.ts';
import type { RemoteModel } from '../../workers/clients/remote-model.ts';
import type { LoadChoice } from '../backend/backend.ts';
import type { ModelOffer } from '../backend/offer.ts';
import { useModel } from './model-store.ts';

const loads: { offer: ModelOffer; signal: AbortSignal; end: (model: RemoteModel) => void }[] = [];

const offerOf = (name: string) => ({ profile: { ...TINY_PROFILE, name } }) as ModelOffer;
let reading = Promise.resolve();
const files = [new File([], 'manifest.json')];

vi.mock('../backend/load-backend.ts', () => ({
  loadBackend: async () => ({
    offerModel: async () => offerOf('embedded'),
    offerFolder: async (files: readonly File[]) => {
      if (files.length === 0) throw new ErgoError('manifest-invalid', 'No manifest.');
      await reading;
      return offerOf('own');
    },
    loadModel: (offer: ModelOffer, { signal }: LoadChoice) =>
      new Promise<RemoteModel>((end) => {
        loads.push({ offer, signal: signal ?? new AbortController().signal, end });
      }),
  }),
}));

it('lets go of a model that is still loading when another is chosen', async () => {
  const store = useModel.getState();
  await store.discover();
  const first = store.load();
  await vi.waitFor(() => expect(loads).toHaveLength(1));
  expect(await store.choose(files)).toBe(true);
  expect(loads[0]?.signal.aborted).toBe(true);

  const second = store.load();
  await vi.waitFor(() => expect(loads).toHaveLength(2));
  loads[0]?.end(scriptedModel({ replies: [] }));
  expect(await first).toBeNull();
  expect(useModel.getState()).toMatchObject({ status: 'loading', model: null });
  const own = scriptedModel({ replies: [] });
  loads[1]?.end(own);
  expect(await second).toBe(own);
  expect(useModel.getState()).toMatchObject({ status: 'ready', model: own });
  expect(useModel.getState().offer?.profile.name).toBe('own');
  expect((await store.discover())?.profile.name).toBe('own');
});

it('keeps the model in use when a folder holds none', async () => {
  const before = useModel.getState();
  expect(await before.choose([])).toBe(false);
  const { status, offer, folderError } = useModel.getState();
  expect({ status, offer }).toEqual({ status: before.status, offer: before.offer });
  expect(folderError?.code).toBe('manifest-invalid');
  expect(await before.choose(null)).toBe(true);
  expect(useModel.getState()).toMatchObject({ status: 'offered', folderError: null });
});

it('offers what was chosen last, not what was read last', async () => {
  const store = useModel.getState();
  let end: (() => void) | undefined;
  reading = new Promise((resolve) => (end = resolve));
  const slow = store.choose(files);
  expect(await store.choose(null)).toBe(true);
  end?.();
  expect(await slow).toBe(false);
  expect(useModel.getState().offer?.profile.name).toBe('embedded');
});
