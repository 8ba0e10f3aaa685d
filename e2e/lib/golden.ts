/** Golden fixtures of a model folder (written by training/export/golden.py), read in Node. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import type { Manifest } from '../../src/models/manifest.ts';

export interface GoldenCase {
  readonly name: string;
  /** One <|image_pad|> per vision token. */
  readonly prompt: string;
  readonly pictures: readonly {
    readonly file: string;
    readonly width: number;
    readonly height: number;
    readonly grid: readonly [1, number, number];
    readonly tokens: number;
    readonly pixels: { readonly mean: number; readonly first: readonly number[] };
  }[];
  readonly inputIds: readonly number[];
  readonly positionIds: readonly (readonly number[])[];
  readonly nextPosition: number;
  /** Vocabulary ids of `logits`; all of them if absent. */
  readonly logitIds?: readonly number[];
  readonly results: Readonly<
    Record<string, { logits: readonly number[]; tokens: readonly number[]; text: string }>
  >;
}

export interface Golden {
  readonly tolerance: Readonly<Record<string, number>>;
  readonly cases: readonly GoldenCase[];
}

/** ERGO_MODEL_FOLDER, or the embedded model. @throws Error if it holds no golden fixtures */
export function modelFolder(): string {
  const folder = process.env['ERGO_MODEL_FOLDER'] ?? path.resolve('public/models/ergo-tiny');
  if (existsSync(path.join(folder, 'golden/golden.json'))) return folder;
  throw new Error(`${folder} holds no golden fixtures; training/export writes them.`);
}

export function readJson(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
}

export function readGolden(folder: string): Golden {
  return readJson(folder, 'golden/golden.json') as Golden;
}

/** Patches of a golden picture, in the layout of `PatchMessage`. */
export function readPatches(
  folder: string,
  file: string,
  { mean, std, patchSize, mergeSize, temporalPatchSize }: Manifest['image'],
): Float32Array<ArrayBuffer> {
  const { width, height, rgb } = readPng(readFileSync(path.join(folder, file)));
  const scale = std.map((value) => Math.fround(1 / Math.fround(255 * Math.fround(value))));
  const shift = mean.map((value, c) => Math.fround(Math.fround(value) / Math.fround(std[c] ?? 1)));
  const side = patchSize * mergeSize;
  const patches = new Float32Array(3 * temporalPatchSize * width * height);
  let at = 0;
  for (let y = 0; y < height; y += side) {
    for (let x = 0; x < width; x += side) {
      for (let i = 0; i < mergeSize ** 2; i++) {
        const top = y + Math.floor(i / mergeSize) * patchSize;
        const left = x + (i % mergeSize) * patchSize;
        for (let c = 0; c < 3; c++) {
          for (let frame = 0; frame < temporalPatchSize; frame++) {
            for (let p = 0; p < patchSize ** 2; p++) {
              const pixel = (top + Math.floor(p / patchSize)) * width + left + (p % patchSize);
              const value = Math.fround((rgb[3 * pixel + c] ?? 0) * (scale[c] ?? 1));
              patches[at++] = value - (shift[c] ?? 0);
            }
          }
        }
      }
    }
  }
  return patches;
}

/** 8-bit RGB without interlacing, which is what the exporter writes. */
function readPng(file: Buffer): { width: number; height: number; rgb: Uint8Array } {
  const width = file.readUInt32BE(16);
  const height = file.readUInt32BE(20);
  if (file[24] !== 8 || file[25] !== 2 || file[28] !== 0) throw new Error('not an 8-bit RGB PNG');
  const packed: Buffer[] = [];
  for (let at = 8; at < file.length; at += file.readUInt32BE(at) + 12) {
    const length = file.readUInt32BE(at);
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
      packed.push(file.subarray(at + 8, at + 8 + length));
  }
  const lines = inflateSync(Buffer.concat(packed));
  const stride = 3 * width;
  const rgb = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = lines[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const left = i >= 3 ? (rgb[y * stride + i - 3] ?? 0) : 0;
      const above = y > 0 ? (rgb[(y - 1) * stride + i] ?? 0) : 0;
      const corner = i >= 3 && y > 0 ? (rgb[(y - 1) * stride + i - 3] ?? 0) : 0;
      const guess =
        [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter ?? 0] ?? 0;
      rgb[y * stride + i] = (lines[y * (stride + 1) + 1 + i] ?? 0) + guess;
    }
  }
  return { width, height, rgb };
}

function paeth(left: number, above: number, corner: number): number {
  const p = left + above - corner;
  const [a, b, c] = [Math.abs(p - left), Math.abs(p - above), Math.abs(p - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}
