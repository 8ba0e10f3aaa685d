/** A saved run from outside: a file, or what a link unfolds to. */
import { ErgoError } from '../errors.ts';
import { foldRun, reportOf } from '../run/fold.ts';
import {
  FORMAT,
  laneOfSaved,
  stillsOf,
  VERSION,
  withPreviews,
  type SavedEvent,
  type SavedRun,
} from './saved-run.ts';
import { savedRunSchema } from './schema.ts';
import { blobOf } from './still.ts';
import { tooNew, unreadable } from './unreadable.ts';

/** Files that are larger are not read, bytes. */
const MOST_BYTES = 20e6;
/** Of a run, but for its tokens: a search of 32 looks has some 300. */
const MOST_EVENTS = 2000;
/** Views of a run: each is drawn. */
const MOST_VIEWS = 64;
/** Of all pictures in it together: 32 looks of 1,280 tokens are 32 million. */
const MOST_PIXELS = 40e6;

/**
 * @throws ErgoError `run-unreadable`, `file-unreadable`
 */
export async function readSavedRun(file: Blob): Promise<SavedRun> {
  if (file.size > MOST_BYTES) throw unreadable('The file is larger than a saved run can be.');
  const text = await file.text().catch((cause: unknown) => {
    throw new ErgoError('file-unreadable', 'The file could not be read.', { cause });
  });
  return parseSavedRun(text);
}

/**
 * @param text of a file
 * @throws ErgoError `run-unreadable`
 */
export function parseSavedRun(text: string): SavedRun {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unreadable('The file is cut off or damaged.', cause);
  }
  return checkedRun(json, 'The file');
}

/**
 * Everything that is drawn is checked here, because anybody can make a file or a link.
 * @param json untrusted
 * @param what holds it, to begin a sentence
 * @throws ErgoError `run-unreadable`
 */
export function checkedRun(json: unknown, what: string): SavedRun {
  const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown };
  if (format !== FORMAT) throw unreadable(`${what} is not a saved run.`);
  if (typeof version === 'number' && version > VERSION) throw tooNew(what);
  const result = savedRunSchema.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    const place = issue?.path.join('.') ?? '';
    throw unreadable(`${what} is damaged${place && ` at ${place}`}.`, result.error);
  }
  const saved: SavedRun = result.data;
  for (const { events } of saved.runs) {
    const [first] = events;
    const starts = events.filter(({ type }) => type === 'run-started');
    const isWhole = first?.type === 'run-started' && starts.length === 1 && reportOfSaved(events);
    if (!isWhole) throw unreadable(`${what} holds no whole run.`);
  }
  if (new Set(saved.runs.map(laneOfSaved)).size !== saved.runs.length) {
    throw unreadable(`${what} holds a run twice.`);
  }
  const stills = stillsOf(saved);
  const pixels = stills.reduce((sum, { width, height }) => sum + width * height, 0);
  const isLarge = pixels > MOST_PIXELS || saved.runs.some(({ events }) => isTooMuch(events));
  if (isLarge) throw unreadable(`${what} holds more than any that is made here.`);
  for (const still of stills) blobOf(still);
  return saved;
}

function isTooMuch(events: readonly SavedEvent[]): boolean {
  const others = events.filter(({ type }) => type !== 'token');
  const views = others.filter(({ type }) => type === 'picture-viewed');
  return others.length > MOST_EVENTS || views.length > MOST_VIEWS;
}

function reportOfSaved(events: readonly SavedEvent[]) {
  return reportOf(foldRun(withPreviews(events)));
}
