/** What lies outside the page: which models are stored, how much room there is, what a name holds. */
import { queryOptions } from '@tanstack/react-query';
import { readAdapter } from '../backend/device.ts';
import { hubInUse } from '../backend/hub-setting.ts';
import { loadBackend } from '../backend/load-backend.ts';
import type { DeviceChoice } from './model-store.ts';

/** Everything that a download or a deletion changes begins with this. */
export const KEPT = ['models', 'kept'] as const;

export async function openStore() {
  const { openPageStore } = await loadBackend();
  return openPageStore();
}

export const storedModels = queryOptions({
  queryKey: [...KEPT, 'list'],
  queryFn: async () => (await openStore()).list(),
});

export const storageRoom = queryOptions({
  queryKey: [...KEPT, 'room'],
  queryFn: async () => (await openStore()).estimate(),
});

/** Null without WebGPU. */
export const gpuAdapter = queryOptions({
  queryKey: ['adapter'],
  queryFn: readAdapter,
  staleTime: Infinity,
});

/**
 * A model that a person named: a few kilobytes are fetched, no weights.
 * @param device the precision is chosen for it
 */
export function namedModel(reference: string, device: DeviceChoice) {
  return queryOptions({
    queryKey: ['models', 'named', hubInUse(), reference, device],
    queryFn: async ({ signal }) => {
      const backend = await loadBackend();
      return backend.offerModel(reference, { device, signal });
    },
    staleTime: 5 * 60_000,
  });
}
