/** Whether a model suits this device, said before anything is downloaded. */
import type { DeviceKind } from '../../core/contracts/model.ts';
import { bytes } from '../../ui/format.ts';

export interface Verdict {
  readonly level: 'fits' | 'tight' | 'no';
  /** One sentence; null where there is nothing to say. */
  readonly reason: string | null;
}

export interface Need {
  /** Of all files. */
  readonly totalBytes: number;
  /** Of them, what is stored already. */
  readonly storedBytes: number;
  /** Where it can run at all. */
  readonly devices: readonly DeviceKind[];
  readonly halfPrecision: boolean;
  /** Why it cannot run, as far as its own files tell; null while they are not known, or it can. */
  readonly refusal: string | null;
}

export interface Room {
  readonly kind: DeviceKind;
  /** The person chose the processor although there is a GPU. */
  readonly isChosen: boolean;
  readonly halfPrecision: boolean;
  readonly memoryBytes: number | null;
  /** Of the browser's storage for this page; null where it is not known. */
  readonly freeBytes: number | null;
}

/** The processor reads every weight for every token. A bound by judgement, not measured. Bytes. */
const SLOW_BYTES = 3e8;

/** Deterministic: the first thing that stands against a model is told. */
export function judge(need: Need, room: Room): Verdict {
  const { kind, isChosen, halfPrecision, memoryBytes, freeBytes } = room;
  if (!need.devices.includes(kind)) {
    const how = isChosen
      ? 'It needs the GPU; the processor is chosen as the device.'
      : 'It needs WebGPU, which this browser does not offer here.';
    return no(kind === 'wasm' ? how : 'It runs on the processor only; choose that as the device.');
  }
  if (need.refusal !== null) return no(need.refusal);
  if (kind === 'webgpu' && need.halfPrecision && !halfPrecision) {
    return no('It computes in half precision, which this GPU does not offer.');
  }
  const missing = lackingBytes(need, room);
  if (missing > 0) {
    const lack = `${bytes(missing)} of storage are missing`;
    // What cannot be kept can be used for a visit, where memory holds it.
    return memoryBytes !== null && need.totalBytes > memoryBytes
      ? no(`${lack}, and it is larger than the memory; free some disk space or delete a model.`)
      : tight(`${lack} to keep it; it can be used, and has to come again in the next visit.`);
  }
  if (memoryBytes !== null && need.totalBytes > memoryBytes / 2) {
    return tight(`Its weights are more than half of the ${bytes(memoryBytes)} of memory here.`);
  }
  if (freeBytes !== null && need.totalBytes - need.storedBytes > 0.8 * freeBytes) {
    return tight('It takes most of the storage that the browser gives this page.');
  }
  if (kind === 'wasm' && need.totalBytes > SLOW_BYTES) {
    return tight('On the processor a model of this size is slow.');
  }
  return { level: 'fits', reason: null };
}

/** How much more storage it would take than there is; 0 where it is enough or not known. Bytes. */
export function lackingBytes({ totalBytes, storedBytes }: Need, { freeBytes }: Room): number {
  return freeBytes === null ? 0 : Math.max(0, totalBytes - storedBytes - freeBytes);
}

function no(reason: string): Verdict {
  return { level: 'no', reason };
}

function tight(reason: string): Verdict {
  return { level: 'tight', reason };
}
