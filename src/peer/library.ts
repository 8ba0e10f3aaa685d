/** Stock transformers.js with one model of ours: its own loader, processor, tokenizer and generate. */
import {
  AutoModelForImageTextToText,
  AutoProcessor,
  cat,
  env,
  Tensor,
  type ImageProcessor,
  type PreTrainedModel,
  type PreTrainedTokenizer,
} from '@huggingface/transformers';
import type { DeviceReport } from '../core/contracts/model.ts';
import { ErgoError } from '../core/errors.ts';
import { planDevice } from '../engine/device.ts';
import { engineError } from '../engine/errors.ts';
import type { EngineRequest } from '../engine/load.ts';
import { watchHeap } from '../engine/heap.ts';
import { dtypeOf } from '../models/source.ts';
import { dtypesOf } from './dtypes.ts';

export interface Library {
  readonly device: DeviceReport;
  readonly model: PreTrainedModel;
  readonly tokenizer: PreTrainedTokenizer;
  readonly images: ImageProcessor;
}

/** One picture as the processor left it. */
export interface Processed {
  /** float32 [patches, values] */
  readonly pixels: Tensor;
  /** int64 [1, 3]: frames, rows and columns of patches */
  readonly grid: Tensor;
}

/**
 * Loads the model from its folder, on the device that the engine would use.
 * @throws ErgoError `session-failed`, `model-unsupported`, `out-of-memory`
 */
export async function openLibrary(
  { source, dtype, device, threads, runtimeUrl }: EngineRequest,
  onFallback: (reason: string) => void,
): Promise<Library> {
  const graphs = dtypeOf(source, dtype);
  if (source.local) {
    const message = 'transformers.js reads models by their URL, not from a picked folder.';
    throw new ErgoError('model-unsupported', message);
  }
  const { report, ...plan } = await planDevice({ device, threads, onFallback });
  watchHeap();
  // The folder instead of a hub; its "local" models cannot lie at a whole URL.
  const parent = new URL('..', source.baseUrl).href;
  const name = source.baseUrl.slice(parent.length).replace(/\/$/, '');
  env.remoteHost = parent;
  env.remotePathTemplate = '{model}/';
  // A new export lies at the same URL; its copy would be the old one.
  env.useBrowserCache = false;
  // The library has one build of onnxruntime for both devices.
  const { wasm } = env.backends.onnx;
  if (wasm) {
    wasm.wasmPaths = runtimeUrl;
    wasm.numThreads = plan.threads;
  }
  try {
    const { tokenizer, image_processor: images } = await AutoProcessor.from_pretrained(name);
    const model = await AutoModelForImageTextToText.from_pretrained(name, {
      device: report.used,
      dtype: dtypesOf(graphs.sessions),
    });
    if (!tokenizer || !images) throw new Error('The folder describes no processor of pictures');
    encodeOneByOne(model);
    return { device: report, model, tokenizer, images };
  } catch (thrown) {
    throw engineError(thrown, 'start');
  }
}

/** The exported vision encoder takes one picture per call, the library hands it all at once. */
function encodeOneByOne(model: PreTrainedModel): void {
  const encode = model.encode_image.bind(model);
  model.encode_image = async (all: { pixel_values: Tensor; image_grid_thw: Tensor }) => {
    const pictures = split(all.pixel_values, all.image_grid_thw);
    const features: Tensor[] = [];
    for (const { pixels, grid } of pictures) {
      features.push(await encode({ pixel_values: pixels, image_grid_thw: grid }));
    }
    const [only] = features;
    return features.length === 1 && only ? only : cat(features);
  };
}

/** Several pictures as `generate` wants them. */
export function join(pictures: readonly Processed[]): {
  readonly pixel_values: Tensor;
  readonly image_grid_thw: Tensor;
} {
  return {
    pixel_values: cat(pictures.map(({ pixels }) => pixels)),
    image_grid_thw: cat(pictures.map(({ grid }) => grid)),
  };
}

/** The inverse of `join`; views, no copies. */
function split(pixels: Tensor, grids: Tensor): Processed[] {
  const values = pixels.dims[1] ?? 0;
  let from = 0;
  return grids.tolist().map((grid: bigint[]) => {
    const patches = grid.reduce((product, side) => product * Number(side), 1);
    const data = (pixels.data as Float32Array).subarray(from * values, (from + patches) * values);
    from += patches;
    return {
      pixels: new Tensor('float32', data, [patches, values]),
      grid: new Tensor('int64', BigInt64Array.from(grid), [1, 3]),
    };
  });
}
