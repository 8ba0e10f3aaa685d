/** How a person lets the model look: a policy in plain words. The choice outlives the tab. */
import type { PolicyName } from '../../core/run/events.ts';

interface Looks {
  readonly policy: PolicyName;
  readonly label: string;
}

export const LOOKS: readonly Looks[] = [
  { policy: 'coarse-to-fine', label: 'two looks' },
  { policy: 'on-demand', label: 'as the model decides' },
  { policy: 'search', label: 'as many looks as it asks for' },
  { policy: 'coarse-only', label: 'one look, small' },
  { policy: 'full-resolution', label: 'one look, full resolution' },
];

const KEY = 'ergo-looks';

/** @returns two looks, unless something else was chosen */
export function keptLooks(): PolicyName {
  const kept = storage()?.getItem(KEY);
  return LOOKS.find(({ policy }) => policy === kept)?.policy ?? 'coarse-to-fine';
}

export function keepLooks(policy: PolicyName): void {
  storage()?.setItem(KEY, policy);
}

/** Absent where the browser forbids it, and in Node. */
function storage(): Storage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
