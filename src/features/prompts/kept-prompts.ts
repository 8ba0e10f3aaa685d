/** A person's own prompts, one set a model; they outlive the tab. */
import type { PromptChanges } from '../../core/protocol/prompts.ts';

const KEY = 'ergo-prompts:';

/** @returns what was kept, as it lies there: another version of the app may have written it */
export function keptPrompts(model: string): unknown {
  const kept = storage()?.getItem(KEY + model);
  if (kept === null || kept === undefined) return null;
  try {
    return JSON.parse(kept);
  } catch {
    return null;
  }
}

/** @param changes null: the model's own again */
export function keepPrompts(model: string, changes: PromptChanges | null): void {
  try {
    if (changes === null) storage()?.removeItem(KEY + model);
    else storage()?.setItem(KEY + model, JSON.stringify(changes));
  } catch {
    // A full storage: they hold until the page is left.
  }
}

/** Absent where the browser forbids it, and in Node. */
function storage(): Storage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
