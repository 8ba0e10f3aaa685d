/** What a model would find here: the device it would run on, memory and storage. */
import type { Adapter } from '../backend/device.ts';
import type { DeviceChoice } from './model-store.ts';
import type { Room } from './verdict.ts';

/** Browsers round it and stop at some gigabytes; null where they do not tell. Bytes. */
export function memoryBytes(): number | null {
  // In gigabytes; not in TypeScript's library.
  const { deviceMemory } = navigator as { deviceMemory?: number };
  return deviceMemory === undefined ? null : deviceMemory * 1e9;
}

/** @param adapter null without WebGPU */
export function roomOf(
  adapter: Adapter | null,
  device: DeviceChoice,
  freeBytes: number | null,
): Room {
  const memory = memoryBytes();
  // As the engine decides: an emulated GPU is slower than the processor.
  const isUsed = device !== 'wasm' && adapter && (device === 'webgpu' || !adapter.isSoftware);
  return {
    kind: isUsed ? 'webgpu' : 'wasm',
    isChosen: device === 'wasm' && adapter !== null,
    halfPrecision: isUsed ? adapter.halfPrecision : false,
    memoryBytes: memory,
    freeBytes,
  };
}
