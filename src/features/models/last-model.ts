/** Which model was in use last; kept where the browser keeps anything. */

const KEY = 'ergo-model';

/** @returns what `openModel` takes; null: the embedded one */
export function readLastModel(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    // Storage that is switched off, or Node.
    return null;
  }
}

/** @param reference null: the embedded one */
export function writeLastModel(reference: string | null): void {
  try {
    if (reference === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, reference);
  } catch {
    // The next visit begins with the embedded model.
  }
}
