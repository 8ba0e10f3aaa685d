/** PictureSource by the library's own means: RawImage decodes and resizes, its processor does the rest. */
import { RawImage, type ImageProcessor } from '@huggingface/transformers';
import type {
  OpenPicture,
  PatchesId,
  PictureId,
  PictureInfo,
  PictureSource,
  PictureView,
  ViewKind,
} from '../core/contracts/pictures.ts';
import type { ImageRules } from '../core/contracts/profile.ts';
import { ErgoError, throwIfCancelled } from '../core/errors.ts';
import { fillBudget, nativeTokens, type ResizedSize } from '../core/geometry/resize.ts';
import { wholeBox, type Box } from '../core/geometry/size.ts';
import type { Processed } from './library.ts';

/** The limits of a Qwen2VLImageProcessor, which are set before each call. */
type QwenProcessor = ImageProcessor & { min_pixels: number; max_pixels: number };

export interface Pictures extends PictureSource {
  /** Hands over a view, once. @throws ErgoError `bad-request` if it is not there */
  take(id: PatchesId): Processed;
}

export function createPictures(processor: () => ImageProcessor): Pictures {
  const waiting = new Map<PatchesId, Processed>();
  let next = 1;

  async function process(
    image: RawImage,
    kind: ViewKind,
    rules: ImageRules,
    limits: { readonly min: number; readonly max: number },
  ): Promise<PictureView['patches']> {
    const own = processor() as QwenProcessor;
    const pixelsPerToken = rules.pixelsPerToken ** 2;
    own.min_pixels = limits.min * pixelsPerToken;
    own.max_pixels = limits.max * pixelsPerToken;
    const { pixel_values: pixels, image_grid_thw: grid } = await own(image);
    const id = `peer-${next++}` as PatchesId;
    waiting.set(id, { pixels, grid });
    const [, rows = 0, columns = 0] = Array.from(grid.data as BigInt64Array, Number);
    return { id, kind, size: sizeOf(rows, columns, rules) };
  }

  return {
    take(id) {
      const view = waiting.get(id);
      waiting.delete(id);
      if (!view) throw new ErgoError('bad-request', 'The patches of this view are gone.');
      return view;
    },

    async open(file, rules, signal) {
      throwIfCancelled(signal);
      const started = performance.now();
      const whole = await RawImage.fromBlob(file).catch((cause: unknown) => {
        const message = 'The browser could not decode the picture.';
        throw new ErgoError('image-undecodable', message, { cause });
      });
      let ahead = performance.now() - started;
      const { width, height } = whole;
      const info: PictureInfo = {
        width,
        height,
        nativeTokens: nativeTokens(whole, rules.pixelsPerToken),
        type: file.type,
        bytes: file.size,
      };
      const sent = new Set<PatchesId>();

      async function show(
        kind: ViewKind,
        source: Box<'original'>,
        limits: Parameters<typeof process>[3],
        image: () => Promise<{ image: RawImage; decode: number; resize: number }>,
        signal: AbortSignal | undefined,
      ): Promise<PictureView> {
        throwIfCancelled(signal);
        const { image: shown, decode, resize } = await image();
        const begin = performance.now();
        const patches = await process(shown, kind, rules, limits);
        sent.add(patches.id);
        throwIfCancelled(signal);
        // Its processor resizes and patchifies in one call.
        const timings = { decode, resize, patchify: performance.now() - begin };
        return { patches, source, preview: null, statistics: null, timings };
      }

      const picture: OpenPicture = {
        id: `peer-picture-${next++}` as PictureId,
        info,
        view(kind, { budget, signal }) {
          const max = Math.min(budget, rules.maxTokens);
          const limits = { min: Math.min(rules.minTokens, max), max };
          const decode = ahead;
          ahead = 0;
          const image = async () => ({ image: whole, decode, resize: 0 });
          return show(kind, wholeBox('original', info), limits, image, signal);
        },
        crop(region, { budget, signal }) {
          const { pixelsPerToken } = rules;
          const size = fillBudget(region, { pixelsPerToken, budget });
          const limits = { min: 1, max: budget };
          return show('crop', region, limits, () => cut(file, region, size), signal);
        },
        async discard({ id }) {
          waiting.delete(id);
        },
        async close() {
          for (const id of sent) waiting.delete(id);
        },
      };
      return picture;
    },
  };
}

/** The browser cuts the region out of the file, the library brings it to its size. */
async function cut(
  file: Blob,
  { x, y, width, height }: Box<'original'>,
  size: ResizedSize,
): Promise<{ image: RawImage; decode: number; resize: number }> {
  const started = performance.now();
  const bitmap = await createImageBitmap(file, x, y, width, height);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  const region = RawImage.fromCanvas(canvas);
  const decoded = performance.now();
  const image = await region.resize(size.width, size.height);
  return { image, decode: decoded - started, resize: performance.now() - decoded };
}

function sizeOf(rows: number, columns: number, rules: ImageRules): ResizedSize {
  const { mergeSize, patchSize } = rules;
  const grid = { rows: rows / mergeSize, columns: columns / mergeSize };
  const tokens = grid.rows * grid.columns;
  return { width: columns * patchSize, height: rows * patchSize, grid, tokens };
}
