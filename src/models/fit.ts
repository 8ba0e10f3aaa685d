/** Which precision of a model suits a device, said before anything is downloaded. */
import type { DeviceKind } from '../core/contracts/model.ts';
import { sizeText } from './size-text.ts';
import {
  dtypeOf,
  filesOf,
  needsHalfPrecision,
  type ModelDtype,
  type ModelSource,
} from './source.ts';

export interface DeviceFacts {
  readonly kind: DeviceKind;
  /** WebGPU's `shader-f16`. Says nothing on wasm. */
  readonly halfPrecision: boolean;
  /** The adapter's `maxBufferSize`; null where it is not known. Bytes. */
  readonly maxBufferBytes: number | null;
}

export type Fit = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * wasm has 4 GiB of addresses for weights, unpacked copies, cache and activations. A model of
 * 2.8 GB is known to fail there; this bound was not measured.
 */
const WASM_BYTES = 2.4e9;

/** @throws ErgoError `model-unsupported` for an unknown dtype */
export function fitOf(source: ModelSource, name: string, device: DeviceFacts): Fit {
  const dtype = dtypeOf(source, name);
  const graphs = filesOf(source, name).filter(({ path }) => path.startsWith('onnx/'));
  const bytes = graphs.reduce((sum, file) => sum + file.bytes, 0);
  if (device.kind === 'wasm') {
    if (bytes <= WASM_BYTES) return { ok: true };
    return no(
      `${sizeText(bytes)} are too much for the processor's 4 GB of addresses; it needs WebGPU.`,
    );
  }
  if (!device.halfPrecision && needsHalfPrecision(dtype)) {
    return no('It computes in half precision, which this graphics device does not offer.');
  }
  // The embedding table is one weight in a file of its own, and mostly the largest one.
  const table = graphs.filter(({ path }) => path.startsWith(dtype.sessions.embed_tokens));
  const largest = table.reduce((sum, file) => sum + file.bytes, 0);
  if (device.maxBufferBytes !== null && largest > device.maxBufferBytes) {
    return no(
      `Its largest weight (${sizeText(largest)}) is more than a buffer of this graphics device holds.`,
    );
  }
  return { ok: true };
}

/**
 * The wanted dtype; else the favourite, if it is there and suits the device; else the first that
 * does; else the first of all: loading it will say what is wrong.
 * @throws ErgoError `model-unsupported` for an unknown `wanted`
 */
export function chooseDtype(
  source: ModelSource,
  device: DeviceFacts,
  wanted?: string,
  favourite?: string,
): string {
  if (wanted !== undefined) {
    dtypeOf(source, wanted);
    return wanted;
  }
  const all = Object.keys(source.dtypes).sort(
    (a, b) => cost(source, a, device) - cost(source, b, device),
  );
  const names = [...all.filter((name) => name === favourite), ...all];
  const fitting = names.find((name) => fitOf(source, name, device).ok);
  return fitting ?? names[0] ?? '';
}

/**
 * The smaller, the better, as far as the device computes in it: on the processor half precision is
 * converted back and forth, and `_quantized` graphs of the hub are made for the processor.
 * Models with a manifest of ours have one order for both devices.
 */
function cost(source: ModelSource, name: string, { kind }: DeviceFacts): number {
  const order = Object.keys(source.dtypes);
  const place = order.indexOf(name);
  if (source.texts?.['manifest.json'] !== undefined) return name === 'q8' ? -1 : place;
  const dtype = dtypeOf(source, name);
  const foreign = kind === 'wasm' ? isHalfDecoder(dtype) : isForProcessor(dtype);
  return place + (foreign ? order.length : 0);
}

function isHalfDecoder({ sessions }: ModelDtype): boolean {
  return /(q4f16|fp16)\.onnx$/.test(sessions.decoder_model_merged);
}

function isForProcessor({ sessions }: ModelDtype): boolean {
  return Object.values(sessions).some((path) => path.endsWith('_quantized.onnx'));
}

function no(reason: string): Fit {
  return { ok: false, reason };
}
