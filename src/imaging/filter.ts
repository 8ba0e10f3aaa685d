/**
 * Weights of an antialiased Lanczos filter in fixed point, after Pillow's `Resample.c`, so that
 * the browser and Python see the same pixels.
 */

/** Fractional bits of a weight: 8 bits of pixel, 2 of headroom, in 32. */
export const PRECISION = 22;

/** In source pixels at a scale of 1. */
export const SUPPORT = 3;

export interface Weights {
  /** First source pixel of each target pixel. */
  readonly first: Int32Array;
  /** How many source pixels each target pixel reads. */
  readonly count: Int32Array;
  /** Weights of target pixel i start at i x stride; scaled by 2^PRECISION, they sum to it. */
  readonly weight: Int32Array;
  readonly stride: number;
}

/**
 * @param length source pixels along this side; what lies outside does not exist
 * @param start first edge of the part that is shown, in source pixels, may be fractional
 * @param end its other edge
 * @param target pixels along this side of the result
 */
export function lanczosWeights(
  length: number,
  start: number,
  end: number,
  target: number,
): Weights {
  // Pillow keeps the edges in single precision.
  const from = Math.fround(start);
  const scale = Math.fround(Math.fround(end) - from) / target;
  const filterScale = Math.max(scale, 1);
  const support = SUPPORT * filterScale;
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(target);
  const count = new Int32Array(target);
  const weight = new Int32Array(target * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < target; i++) {
    const centre = from + (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(length, Math.trunc(centre + support + 0.5));
    let sum = 0;
    for (let x = low; x < high; x++) {
      const value = lanczos((x - centre + 0.5) / filterScale);
      exact[x - low] = value;
      sum += value;
    }
    for (let x = 0; x < high - low; x++) {
      const scaled = ((exact[x] ?? 0) / sum) * 2 ** PRECISION;
      weight[i * stride + x] = Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
    }
    first[i] = low;
    count[i] = high - low;
  }
  return { first, count, weight, stride };
}

function lanczos(x: number): number {
  return x > -SUPPORT && x < SUPPORT ? sinc(x) * sinc(x / SUPPORT) : 0;
}

function sinc(x: number): number {
  if (x === 0) return 1;
  const angle = x * Math.PI;
  return Math.sin(angle) / angle;
}
