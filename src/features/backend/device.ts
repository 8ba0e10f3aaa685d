/** What this device has for models, known before one is loaded. */
import type { DeviceKind } from '../../core/contracts/model.ts';
import type { DeviceFacts } from '../../models/fit.ts';

export interface Adapter {
  /** Vendor, architecture, device and description, as far as the browser tells them. */
  readonly name: string;
  /** Emulated in software. */
  readonly isSoftware: boolean;
  readonly halfPrecision: boolean;
  /** Largest buffer. */
  readonly maxBufferBytes: number;
}

let reading: Promise<Adapter | null> | undefined;

/** @returns null without WebGPU or without an adapter */
export function readAdapter(): Promise<Adapter | null> {
  reading ??= read();
  return reading;
}

async function read(): Promise<Adapter | null> {
  const { gpu } = navigator as { gpu?: GPU };
  const adapter = await gpu
    ?.requestAdapter({ powerPreference: 'high-performance' })
    .catch(() => null);
  if (!adapter) return null;
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const words = [vendor, architecture, device, description].filter((word) => word !== '');
  const name = words.join(' ') || 'unnamed adapter';
  return {
    name,
    isSoftware: isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(name),
    halfPrecision: adapter.features.has('shader-f16'),
    maxBufferBytes: adapter.limits.maxBufferSize,
  };
}

/** What a choice of device comes to here; the engine makes the same decision in its worker. */
export async function factsOf(choice: DeviceKind | 'auto'): Promise<DeviceFacts> {
  const adapter = choice === 'wasm' ? null : await readAdapter();
  const isUsed = adapter !== null && (choice === 'webgpu' || !adapter.isSoftware);
  if (!isUsed) return { kind: 'wasm', halfPrecision: false, maxBufferBytes: null };
  const { halfPrecision, maxBufferBytes } = adapter;
  return { kind: 'webgpu', halfPrecision, maxBufferBytes };
}
