/**
 * items.jsonl: one line per finished item, so that a killed run loses none. Lines of other
 * settings are left where they are and not used.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** @typedef {import('../../src/core/bench/score.ts').BenchRun} BenchRun */
/** @typedef {import('../../src/core/contracts/model.ts').DeviceReport} DeviceReport */
/** @typedef {{ dtype: string, report: DeviceReport }} Device */
/** @typedef {{ key: string, id: string, device: Device | null, runs: BenchRun[] }} Entry */

/** Raised when a line holds something else than before. */
const LINES = 2;

/**
 * Everything that an item's runs depend on: dataset, model, policies, budgets, device, page.
 * @param {unknown} settings plain data
 */
export function settingsKey(settings) {
  return createHash('sha256')
    .update(JSON.stringify([LINES, settings]))
    .digest('hex')
    .slice(0, 16);
}

/**
 * @param {string} folder is made if it is not there
 * @param {string} key of settingsKey
 */
export function openJournal(folder, key) {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'items.jsonl');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  // A run that was killed while it wrote leaves half a line; the next one must not continue it.
  if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  /** @type {Map<string, Entry>} by the item's id */
  const finished = new Map();
  for (const line of text.split('\n')) {
    const entry = entryOf(line);
    if (entry?.key === key && hasAnswer(entry)) finished.set(entry.id, entry);
  }
  return {
    finished,
    /** @param {Omit<Entry, 'key'>} item */
    add(item) {
      const entry = { key, ...item };
      appendFileSync(file, `${JSON.stringify(entry)}\n`);
      finished.set(item.id, entry);
    },
  };
}

/** What failed altogether may have had a passing cause: it is tried again. @param {Entry} entry */
function hasAnswer({ runs }) {
  return runs.some(({ error }) => error === null);
}

/** @param {string} line @returns {Entry | undefined} */
function entryOf(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
