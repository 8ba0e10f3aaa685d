/** Pixels to the vision encoder's input in one pass: normalise, reorder, repeat the frame. */
import type { ImageRules } from '../core/contracts/profile.ts';
import type { ResizedSize } from '../core/geometry/resize.ts';

export interface Patches {
  /** [patches, 3 x temporal x patch x patch], see PatchMessage */
  readonly data: Float32Array<ArrayBuffer>;
  readonly dims: readonly [number, number];
  readonly grid: readonly [1, number, number];
}

/**
 * The patches of one token are neighbours, tokens go in rows; each patch is
 * [channel, frame, y, x] (transformers' Qwen2VLImageProcessor; `patchify` of
 * training/runtime/imaging.py).
 * @param rgba [height, width, 4] of exactly `size`
 */
export function patchify(rgba: Uint8ClampedArray, size: ResizedSize, rules: ImageRules): Patches {
  const { patchSize: patch, mergeSize: merge, temporalPatchSize: frames } = rules;
  const area = patch * patch;
  const values = 3 * frames * area;
  const patches = size.tokens * merge * merge;
  const data = new Float32Array(patches * values);
  const tables = normalisation(rules);
  let base = 0;
  for (let token = 0; token < size.tokens; token++) {
    const top = Math.floor(token / size.grid.columns) * merge * patch;
    const left = (token % size.grid.columns) * merge * patch;
    for (let part = 0; part < merge * merge; part++, base += values) {
      const y0 = top + Math.floor(part / merge) * patch;
      const x0 = left + (part % merge) * patch;
      for (let channel = 0; channel < 3; channel++) {
        const table = tables[channel] ?? new Float32Array(256);
        const start = base + channel * frames * area;
        let to = start;
        for (let y = 0; y < patch; y++) {
          let at = ((y0 + y) * size.width + x0) * 4 + channel;
          for (let x = 0; x < patch; x++, at += 4) data[to++] = table[rgba[at] ?? 0] ?? 0;
        }
        for (let frame = 1; frame < frames; frame++) {
          data.copyWithin(start + frame * area, start, start + area);
        }
      }
    }
  }
  return {
    data,
    dims: [patches, values],
    grid: [1, size.grid.rows * merge, size.grid.columns * merge],
  };
}

/** Per channel: byte to normalised value, in single precision as numpy computes it. */
function normalisation({ mean, std }: ImageRules): readonly Float32Array[] {
  return [0, 1, 2].map((channel) => {
    const deviation = Math.fround(std[channel] ?? 1);
    const scale = Math.fround(1 / Math.fround(255 * deviation));
    const shift = Math.fround(Math.fround(mean[channel] ?? 0) / deviation);
    return Float32Array.from({ length: 256 }, (_, byte) => Math.fround(byte * scale) - shift);
  });
}
