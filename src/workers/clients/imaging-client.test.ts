import { afterEach, describe, expect, it, vi } from 'vitest';
import type {
  PatchesId,
  PictureId,
  PictureInfo,
  PictureView,
} from '../../core/contracts/pictures.ts';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import type { DrawingProtocol } from '../protocol.ts';
import { fakeWorker } from '../rpc/testing.ts';
import { createImagingClient, type ImagingClient } from './imaging-client.ts';

const id = 'picture-1' as PictureId;
const patches = {
  id: 'patches-1' as PatchesId,
  kind: 'coarse',
  size: { width: 28, height: 28, tokens: 1, grid: { rows: 1, columns: 1 } },
} as const;
const view: PictureView = {
  patches,
  source: { frame: 'original', x: 0, y: 0, width: 28, height: 28 },
  preview: null,
  statistics: null,
  timings: { decode: 0, resize: 0, patchify: 0 },
};
const file = new Blob();
const discard = vi.fn<(ids: { picture: PictureId; patches: PatchesId }) => undefined>();
const close = vi.fn<(input: { picture: PictureId }) => undefined>();

let client: ImagingClient | undefined;

function start(): ImagingClient {
  const handlers = {
    open: () => ({ id, info: {} as PictureInfo }),
    view: () => view,
    crop: () => view,
    discard: (input: DrawingProtocol['discard']['in']) =>
      discard({ picture: input.picture, patches: input.patches.id }),
    close,
  };
  client = createImagingClient(() => fakeWorker<DrawingProtocol>(handlers));
  return client;
}

afterEach(() => {
  client?.terminate();
  discard.mockReset();
  close.mockReset();
});

describe('a caller who left before the worker was done', () => {
  it.each(['view', 'crop'] as const)('has the patches of a %s discarded', async (verb) => {
    const picture = await start().open(file, TINY_PROFILE.image);
    const controller = new AbortController();
    const options = { budget: 4, signal: controller.signal };
    const call =
      verb === 'view' ? picture.view('coarse', options) : picture.crop(view.source, options);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitFor(() =>
      expect(discard).toHaveBeenCalledExactlyOnceWith({ picture: id, patches: patches.id }),
    );
  });

  it('has the picture closed', async () => {
    const controller = new AbortController();
    const opening = start().open(file, TINY_PROFILE.image, controller.signal);
    controller.abort();
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitFor(() =>
      expect(close).toHaveBeenCalledExactlyOnceWith({ picture: id }, expect.anything()),
    );
  });
});

it('does not ask a worker that is gone to free anything', async () => {
  const picture = await start().open(file, TINY_PROFILE.image);
  client?.terminate();
  await picture.discard(patches);
  await picture.close();
  expect(discard).not.toHaveBeenCalled();
});
