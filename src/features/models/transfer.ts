/** The fold of a download's steps: what to draw while a model comes to stay. */
import type { ErgoError } from '../../core/errors.ts';
import type { WeightsProgress } from '../../models/weights.ts';

export interface TransferFile {
  readonly path: string;
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

export interface Transfer {
  /** `opening`: what the model consists of is being asked. */
  readonly status: 'opening' | 'running' | 'paused' | 'failed';
  readonly name: string;
  readonly loadedBytes: number;
  /** 0 while it is not known. */
  readonly totalBytes: number;
  readonly files: readonly TransferFile[];
  /** Why nothing comes just now, one sentence. */
  readonly wait: string | null;
  readonly error: ErgoError | null;
  /** How much was there when, of the last seconds. */
  readonly samples: readonly Sample[];
}

interface Sample {
  /** Milliseconds. */
  readonly at: number;
  readonly bytes: number;
}

/** Rates are told over this long, milliseconds: shorter ones jump, longer ones lag. */
const WINDOW = 5000;
/** A rate over less than this says nothing yet, milliseconds. */
const LEAST = 400;

export function openingTransfer(name: string): Transfer {
  return {
    status: 'opening',
    name,
    loadedBytes: 0,
    totalBytes: 0,
    files: [],
    wait: null,
    error: null,
    samples: [],
  };
}

/** @param now milliseconds of any clock that only goes forward */
export function foldTransfer(before: Transfer, step: WeightsProgress, now: number): Transfer {
  switch (step.phase) {
    case 'download': {
      const { file: path, loadedBytes, totalBytes, loadedOfAll, totalOfAll } = step;
      const recent = before.samples.filter(({ at }) => now - at <= WINDOW);
      return {
        ...before,
        status: 'running',
        wait: null,
        loadedBytes: loadedOfAll,
        totalBytes: totalOfAll,
        files: withFile(before.files, { path, loadedBytes, totalBytes }),
        // What was there already came at no speed.
        samples: step.fromCache ? [] : [...recent, { at: now, bytes: loadedOfAll }],
      };
    }
    case 'verify':
      return { ...before, status: 'running' };
    case 'waiting':
      return { ...before, wait: step.message, samples: [] };
    case 'not-kept':
      return { ...before, wait: step.message };
  }
}

/** Bytes per second over the last seconds; null while nothing can be said. */
export function rateOf({ samples, status, wait }: Transfer): number | null {
  const [first] = samples;
  const last = samples.at(-1);
  if (status !== 'running' || wait !== null || !first || !last) return null;
  const milliseconds = last.at - first.at;
  return milliseconds < LEAST ? null : (1000 * (last.bytes - first.bytes)) / milliseconds;
}

/** Seconds until all is there; null while nothing can be said. */
export function timeLeft(transfer: Transfer): number | null {
  const rate = rateOf(transfer);
  if (rate === null || rate <= 0) return null;
  return (transfer.totalBytes - transfer.loadedBytes) / rate;
}

/** 0 to 1; null while it is not known. */
export function fractionOf({ loadedBytes, totalBytes }: Transfer): number | null {
  return totalBytes > 0 ? loadedBytes / totalBytes : null;
}

function withFile(files: readonly TransferFile[], file: TransferFile): readonly TransferFile[] {
  const isKnown = files.some(({ path }) => path === file.path);
  return isKnown ? files.map((each) => (each.path === file.path ? file : each)) : [...files, file];
}
