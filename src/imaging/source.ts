/** PictureSource over the browser's decoders: sizes by budget, patches out on the port. */
import type {
  DrawablePicture,
  DrawablePictureSource,
  PatchesId,
  PatchesRef,
  PatchMessage,
  PictureId,
  PictureInfo,
  PictureView,
  ViewKind,
  ViewOptions,
} from '../core/contracts/pictures.ts';
import type { ImageRules } from '../core/contracts/profile.ts';
import { ErgoError, throwIfCancelled, toErgoError } from '../core/errors.ts';
import {
  fillBudget,
  nativeTokens,
  smartResize,
  type ResizedSize,
} from '../core/geometry/resize.ts';
import { intersection, wholeBox, type Box } from '../core/geometry/size.ts';
import { patchify } from './patchify.ts';
import { openPixels, type Pixels } from './pixels.ts';
import { pictureStatistics } from './statistics.ts';

/** Where PatchMessages go: the engine's port, or a test. */
export type SendPatches = (message: PatchMessage, transfer: Transferable[]) => void;

/**
 * @param send receives the patches of every view before the view is returned
 * @param breathe lets waiting messages in between strips
 */
export function createPictureSource(
  send: SendPatches,
  breathe: () => Promise<void> = () => Promise.resolve(),
): DrawablePictureSource {
  let nextPicture = 1;
  // Two imaging workers may follow each other on one engine; ids must not meet again.
  const life = Math.random().toString(36).slice(2, 8);
  let nextPatches = 1;
  const idOfPatches = (): PatchesId => `patches-${life}-${nextPatches++}` as PatchesId;

  return {
    async open(file, rules, signal) {
      throwIfCancelled(signal);
      const pixels = await openPixels(file);
      try {
        throwIfCancelled(signal);
        const info = describe(pixels, file, rules);
        const id = `picture-${nextPicture++}` as PictureId;
        return openPicture({ id, info, pixels, rules, send, idOfPatches, breathe });
      } catch (thrown) {
        pixels.close();
        throw thrown;
      }
    },
  };
}

interface Parts {
  readonly id: PictureId;
  readonly info: PictureInfo;
  readonly pixels: Pixels;
  readonly rules: ImageRules;
  readonly send: SendPatches;
  readonly idOfPatches: () => PatchesId;
  readonly breathe: () => Promise<void>;
}

function openPicture(parts: Parts): DrawablePicture {
  const { id, info, pixels, rules, send } = parts;
  const sent = new Set<PatchesId>();

  async function show(
    kind: ViewKind,
    region: Box<'original'> | null,
    size: ResizedSize,
    { preview = false, statistics: isCounted = false, signal }: ViewOptions,
  ): Promise<PictureView> {
    throwIfCancelled(signal);
    const breathe = async (): Promise<void> => {
      await parts.breathe();
      throwIfCancelled(signal);
    };
    try {
      const { rgba, decode, resize } = await pixels.resize(region, size, breathe);
      const started = performance.now();
      const patches = patchify(rgba, size, rules);
      const patchified = performance.now() - started;
      const statistics = isCounted && kind !== 'crop' ? pictureStatistics(rgba, size) : null;
      const image = preview ? await bitmapOf(rgba, size) : null;
      if (signal?.aborted) image?.close();
      throwIfCancelled(signal);
      const ref: PatchesRef = { id: parts.idOfPatches(), kind, size };
      send({ kind: 'patches', id: ref.id, ...patches }, [patches.data.buffer]);
      sent.add(ref.id);
      const timings = { decode, resize, patchify: patchified };
      const source = region ?? wholeBox('original', info);
      return { patches: ref, source, preview: image, statistics, timings };
    } catch (thrown) {
      // A typed array that does not fit is a RangeError.
      throw toErgoError(thrown, thrown instanceof RangeError ? 'out-of-memory' : 'internal');
    }
  }

  return {
    id,
    info,
    view(kind, options) {
      const { pixelsPerToken, minTokens } = rules;
      const maxTokens = Math.min(options.budget, rules.maxTokens);
      return show(kind, null, smartResize(info, { pixelsPerToken, minTokens, maxTokens }), options);
    },
    crop(region, options) {
      const inside = intersection(region, wholeBox('original', info));
      if (inside === null || inside.width !== region.width || inside.height !== region.height) {
        throw new ErgoError('bad-request', 'The region does not lie inside the picture.');
      }
      const { pixelsPerToken } = rules;
      return show(
        'crop',
        region,
        fillBudget(region, { pixelsPerToken, budget: options.budget }),
        options,
      );
    },
    async glance(signal) {
      throwIfCancelled(signal);
      const bitmap = await pixels.glance();
      if (signal?.aborted) bitmap?.close();
      throwIfCancelled(signal);
      return bitmap;
    },
    discard({ id: patches }) {
      // Also those of a worker whose place this one took.
      sent.delete(patches);
      send({ kind: 'discard', id: patches }, []);
      return Promise.resolve();
    },
    close() {
      pixels.close();
      // What was encoded is not waiting any more; the engine ignores those.
      for (const patches of sent) send({ kind: 'discard', id: patches }, []);
      sent.clear();
      return Promise.resolve();
    },
  };
}

function describe(pixels: Pixels, file: Blob, rules: ImageRules): PictureInfo {
  const { size, header } = pixels;
  // Refuses what is too long to be shown, before anything else is done.
  smartResize(size, rules);
  return {
    ...size,
    nativeTokens: nativeTokens(size, rules.pixelsPerToken),
    type: header.type,
    bytes: file.size,
    ...(header.animated && { animated: true }),
  };
}

function bitmapOf(rgba: Uint8ClampedArray<ArrayBuffer>, size: ResizedSize): Promise<ImageBitmap> {
  return createImageBitmap(new ImageData(rgba, size.width, size.height));
}
