/** The fold of a load's steps: what to draw while a model comes. */
import type { LoadProgress } from '../backend/backend.ts';

export interface LoadState {
  /** One sentence: what is happening. */
  readonly label: string;
  /** 0 to 1 over all files; null when that is not known or over. */
  readonly fraction: number | null;
  readonly loadedBytes: number;
  readonly totalBytes: number;
  readonly files: readonly { readonly name: string; readonly fraction: number }[];
  /** Why the wanted device was not used. */
  readonly fallback: string | null;
  /** Why the model will have to be downloaded again in the next visit. */
  readonly notKept: string | null;
}

export const NO_PROGRESS: LoadState = {
  label: 'Starting',
  fraction: null,
  loadedBytes: 0,
  totalBytes: 0,
  files: [],
  fallback: null,
  notKept: null,
};

export function foldLoad(before: LoadState, step: LoadProgress): LoadState {
  switch (step.phase) {
    case 'download': {
      const file = { name: step.file, fraction: step.loadedBytes / Math.max(1, step.totalBytes) };
      const known = before.files.some(({ name }) => name === step.file);
      return {
        ...before,
        label: step.fromCache ? 'Reading the stored copy' : 'Downloading',
        fraction: step.loadedOfAll / Math.max(1, step.totalOfAll),
        loadedBytes: step.loadedOfAll,
        totalBytes: step.totalOfAll,
        files: known
          ? before.files.map((entry) => (entry.name === step.file ? file : entry))
          : [...before.files, file],
      };
    }
    case 'verify':
      return { ...before, label: `Checking ${step.file}` };
    case 'waiting':
      return { ...before, label: step.message };
    case 'not-kept':
      return { ...before, notKept: step.message };
    case 'fallback':
      return { ...before, label: 'Falling back to the processor', fallback: step.reason };
    case 'sessions':
      return { ...before, label: `Starting ${step.session.replaceAll('_', ' ')}`, fraction: null };
    case 'warm-up':
      return { ...before, label: 'Preparing the device', fraction: null };
  }
}
