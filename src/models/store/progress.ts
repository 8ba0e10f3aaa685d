/** Steps of a download as a person can follow them: at most ten a second, sums over all files. */
import type { OnWait } from '../hub/fetch.ts';
import type { ModelFile } from '../source.ts';
import type { WeightsProgress } from '../weights.ts';

export interface Report {
  readonly loaded: (file: ModelFile, bytes: number, fromCache: boolean) => void;
  readonly verify: (file: ModelFile) => void;
  readonly wait: OnWait;
  readonly otherTab: () => void;
  readonly notKept: (message: string) => void;
}

const INTERVAL = 100;

export function createProgress(
  files: readonly ModelFile[],
  progress: ((step: WeightsProgress) => void) | undefined,
): Report {
  const totalOfAll = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const loadedOf = new Map<string, number>();
  let told = -Infinity;
  return {
    loaded({ path, bytes: totalBytes }, bytes, fromCache) {
      const isFirst = !loadedOf.has(path);
      loadedOf.set(path, bytes);
      const now = performance.now();
      if (!isFirst && bytes < totalBytes && now - told < INTERVAL) return;
      told = now;
      let loadedOfAll = 0;
      for (const loaded of loadedOf.values()) loadedOfAll += loaded;
      progress?.({
        phase: 'download',
        file: path,
        loadedBytes: bytes,
        totalBytes,
        loadedOfAll,
        totalOfAll,
        fromCache,
      });
    },
    verify: ({ path }) => progress?.({ phase: 'verify', file: path }),
    wait({ milliseconds, error }) {
      const reason = error.code === 'hub-busy' ? 'rate-limit' : 'retry';
      progress?.({ phase: 'waiting', reason, milliseconds, message: error.message });
    },
    otherTab() {
      const message = 'It is being downloaded in another tab.';
      progress?.({ phase: 'waiting', reason: 'other-tab', milliseconds: null, message });
    },
    notKept: (message) => progress?.({ phase: 'not-kept', message }),
  };
}
