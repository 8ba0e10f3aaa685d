import { describe, expect, it } from 'vitest';
import { foldLoad, NO_PROGRESS } from './load-progress.ts';

describe('loading', () => {
  it('counts all files and remembers why a device was not used', () => {
    const part = { phase: 'download', totalBytes: 10, totalOfAll: 40, fromCache: false } as const;
    let state = foldLoad(NO_PROGRESS, { ...part, file: 'a', loadedBytes: 10, loadedOfAll: 10 });
    state = foldLoad(state, { ...part, file: 'b', loadedBytes: 5, loadedOfAll: 15 });
    state = foldLoad(state, { phase: 'fallback', from: 'webgpu', reason: 'no adapter' });
    expect(state).toMatchObject({ fraction: 15 / 40, fallback: 'no adapter' });
    expect(state.files).toEqual([
      { name: 'a', fraction: 1 },
      { name: 'b', fraction: 0.5 },
    ]);
  });
});
