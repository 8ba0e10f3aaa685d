/** A worker's first word: its scripts are here. It belongs to no call, so clients pass over it. */
import type { Endpoint } from './messages.ts';

export const STARTED = { id: 0, kind: 'started' } as const;

export function isStarted(message: unknown): boolean {
  return (message as Partial<typeof STARTED> | null)?.kind === STARTED.kind;
}

/** Called by a worker when it listens. */
export function announce(endpoint: Endpoint): void {
  endpoint.postMessage(STARTED, []);
}
