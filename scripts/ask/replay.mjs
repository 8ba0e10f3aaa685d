/** `npm run ask -- --replay FILE`: a saved run in words, without a model and without a browser. */
import { readFileSync } from 'node:fs';
import { importSource } from '../lib/import-source.mjs';

/** @typedef {import('../../src/core/contracts/automation.ts').AutomationEvent} AutomationEvent */
/** @typedef {typeof import('../../src/core/share/replayed.ts')} Replayed */

/**
 * @param {string} file
 * @returns {Promise<AutomationEvent[]>} what a run would have told; ends with `report` or `failed`
 */
export async function replay(file) {
  /** @type {Replayed} */
  const { replayed } = await importSource('src/core/share/replayed.ts');
  return replayed(readFileSync(file, 'utf8'));
}

/**
 * A file comes from anybody, and a terminal obeys control characters.
 * @param {string} text
 */
export function withoutControls(text) {
  return text.replaceAll(/(?![\n\t])\p{Cc}/gu, '');
}
