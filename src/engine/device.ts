/** Which device a model runs on, and what is said about it. */
import type { DeviceKind, DeviceReport } from '../core/contracts/model.ts';
import { ErgoError } from '../core/errors.ts';
import { findAdapter, guardSubgroups, type AdapterSummary } from './adapter.ts';

export interface DeviceRequest {
  readonly device: DeviceKind | 'auto';
  readonly threads?: number | undefined;
  readonly onFallback?: (reason: string) => void;
}

export interface DevicePlan {
  readonly report: DeviceReport;
  /** Null on wasm. */
  readonly adapter: AdapterSummary | null;
  /** Of onnxruntime's wasm part, which there is on both devices. */
  readonly threads: number;
}

const MOST_THREADS = 8;

/**
 * Devices that are made afterwards lack what gives wrong results (see `guardSubgroups`).
 * @throws ErgoError `bad-request` for an odd number of threads
 */
export async function planDevice(request: DeviceRequest): Promise<DevicePlan> {
  const { used, adapter, reason } = await chooseDevice(request.device);
  if (reason !== null) request.onFallback?.(reason);
  const threads = chooseThreads(request.threads);
  guardSubgroups();
  const onGpu = used === 'webgpu' ? adapter : null;
  return {
    adapter: onGpu,
    threads,
    report: {
      requested: request.device,
      used,
      adapter: onGpu?.name ?? null,
      fallback: reason !== null || onGpu?.software === true,
      fallbackReason: reason ?? (onGpu?.software ? 'The GPU is emulated in software.' : null),
      threads: used === 'wasm' ? threads : 1,
    },
  };
}

interface Choice {
  readonly used: DeviceKind;
  readonly adapter: AdapterSummary | null;
  /** Why wasm is used although it was not asked for. */
  readonly reason: string | null;
}

async function chooseDevice(requested: DeviceKind | 'auto'): Promise<Choice> {
  if (requested === 'wasm') return { used: 'wasm', adapter: null, reason: null };
  const adapter = await findAdapter().catch(() => null);
  if (!adapter) {
    return { used: 'wasm', adapter, reason: 'This browser offers no WebGPU adapter here.' };
  }
  // Emulated GPUs compute 15 to 30 times slower than wasm does.
  if (requested === 'auto' && adapter.software) {
    const reason = `The only GPU is emulated in software (${adapter.name}); wasm is faster.`;
    return { used: 'wasm', adapter, reason };
  }
  return { used: 'webgpu', adapter, reason: null };
}

function chooseThreads(wanted: number | undefined): number {
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 1)) {
    throw new ErgoError('bad-request', `${wanted} is no number of threads.`);
  }
  if ((globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== true) return 1;
  return Math.min(wanted ?? globalThis.navigator.hardwareConcurrency, MOST_THREADS);
}
