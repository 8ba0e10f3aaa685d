import { afterEach, describe, expect, it, vi } from 'vitest';
import { ErgoError } from '../../core/errors.ts';
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

const open = vi.fn<() => void>();
const onReplaced = vi.fn<() => void>();
let views: (() => PictureView | Promise<PictureView>)[] = [];
let client: ImagingClient | undefined;

function start(): ImagingClient {
  const handlers = {
    open: () => {
      open();
      return { id, info: {} as PictureInfo };
    },
    view: () => views.shift()?.() ?? view,
    crop: () => views.shift()?.() ?? view,
    discard: (input: DrawingProtocol['discard']['in']) =>
      discard({ picture: input.picture, patches: input.patches.id }),
    close,
  };
  client = createImagingClient({
    onReplaced,
    createWorker: () => fakeWorker<DrawingProtocol>(handlers),
  });
  return client;
}

const died = new ErgoError('worker-died', 'It died.');

afterEach(() => {
  client?.end(died);
  views = [];
  for (const mock of [open, onReplaced, discard, close]) mock.mockReset();
});

describe('a caller who left before the worker was done', () => {
  it.each(['view', 'crop'] as const)('has the patches of a %s discarded', async (verb) => {
    const picture = await start().open(file, TINY_PROFILE.image);
    const controller = new AbortController();
    const options = { budget: 4, signal: controller.signal };
    let done: ((view: PictureView) => void) | undefined;
    views = [() => new Promise((resolve) => (done = resolve))];
    const call =
      verb === 'view' ? picture.view('coarse', options) : picture.crop(view.source, options);
    await vi.waitFor(() => expect(views).toEqual([]));
    controller.abort();
    done?.(view);
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

describe('a picture whose worker is gone', () => {
  it('asks nobody to free anything', async () => {
    const picture = await start().open(file, TINY_PROFILE.image);
    client?.end(died);
    await picture.discard(patches);
    await picture.close();
    expect(discard).not.toHaveBeenCalled();
    await expect(picture.view('coarse', { budget: 4 })).rejects.toMatchObject({
      code: 'bad-request',
    });
  });

  it('ends what waits, and is opened again by the next call, once', async () => {
    const images = start();
    const picture = await images.open(file, TINY_PROFILE.image);
    views = [() => new Promise(() => undefined)];
    const waiting = picture.view('coarse', { budget: 4 });
    await vi.waitFor(() => expect(views).toEqual([]));
    images.end(died);
    await expect(waiting).rejects.toBe(died);
    expect(onReplaced).not.toHaveBeenCalled();
    const both = [picture.view('coarse', { budget: 4 }), picture.crop(view.source, { budget: 4 })];
    expect(await Promise.all(both)).toEqual([view, view]);
    expect(open).toHaveBeenCalledTimes(2);
    expect(onReplaced).toHaveBeenCalledOnce();
    await picture.discard(patches);
    expect(discard).toHaveBeenCalledOnce();
  });

  it('that was closed while it was opened again is closed there', async () => {
    const picture = await start().open(file, TINY_PROFILE.image);
    client?.end(died);
    const viewing = picture.view('coarse', { budget: 4 });
    await vi.waitFor(() => expect(onReplaced).toHaveBeenCalled());
    await picture.close();
    await viewing.catch(() => undefined);
    expect(close).toHaveBeenCalled();
  });
});
