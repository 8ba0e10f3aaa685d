/** The GPU that a page can use, and what has to be changed about it before onnxruntime sees it. */

export interface AdapterSummary {
  /** Vendor, architecture, device and description, as far as the browser tells them. */
  readonly name: string;
  /** Emulated in software. */
  readonly software: boolean;
  readonly halfPrecision: boolean;
}

/**
 * Flash attention of onnxruntime is silently wrong on subgroups smaller than this: from 32 positions
 * on, logits are off by a tenth at 4 (SwiftShader) and at 8 (Mesa's lavapipe).
 */
const LEAST_SUBGROUP = 16;

/** @returns null without WebGPU or without an adapter */
export async function findAdapter(): Promise<AdapterSummary | null> {
  // Neither is there in Node, and `gpu` not in every browser.
  const gpu = (globalThis.navigator as { gpu?: GPU } | undefined)?.gpu;
  const request = async () => await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  // The first answer of a browser that has just started can be "none" although there is one.
  const adapter = (await request()) ?? (await request());
  return adapter
    ? { ...describe(adapter.info), halfPrecision: adapter.features.has('shader-f16') }
    : null;
}

function describe(info: GPUAdapterInfo): Omit<AdapterSummary, 'halfPrecision'> {
  const words = [info.vendor, info.architecture, info.device, info.description];
  const name = words.filter((word) => word !== '').join(' ') || 'unnamed adapter';
  return {
    name,
    software: info.isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(name),
  };
}

let guarded = false;

/** Devices made from now on lack the feature `subgroups` where it would give wrong results. */
export function guardSubgroups(): void {
  if (guarded || typeof GPUAdapter === 'undefined') return;
  guarded = true;
  const { prototype } = GPUAdapter;
  const original = Reflect.get(prototype, 'requestDevice');
  prototype.requestDevice = new Proxy(original, {
    apply(target, adapter: GPUAdapter, [descriptor]: [GPUDeviceDescriptor?]) {
      const features = [...(descriptor?.requiredFeatures ?? [])];
      const requiredFeatures = keepFeatures(features, adapter.info.subgroupMinSize);
      return Reflect.apply(target, adapter, [{ ...descriptor, requiredFeatures }]);
    },
  });
}

/** @param subgroupMinSize undefined in browsers that do not tell it: nothing is dropped */
export function keepFeatures<T extends string>(
  features: readonly T[],
  subgroupMinSize: number | undefined,
): T[] {
  const drop = subgroupMinSize !== undefined && subgroupMinSize < LEAST_SUBGROUP;
  return features.filter((feature) => !(drop && feature.startsWith('subgroup')));
}
