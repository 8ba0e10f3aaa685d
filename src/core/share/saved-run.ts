/**
 * A run that is kept or handed on: its events as plain data, and what of the picture may go with
 * them. A file holds it as JSON; a link holds a smaller form of the same (`link.ts`).
 */
import type { MemoryReport } from '../contracts/model.ts';
import type { PictureView } from '../contracts/pictures.ts';
import { ErgoError } from '../errors.ts';
import type { RunEvent, RunEventOf } from '../run/events.ts';
import { foldRun, reportOf } from '../run/fold.ts';
import { laneOf } from '../session/asked.ts';
import { savedRunSchema } from './schema.ts';
import { blobOf, type Still } from './still.ts';
import { tooNew, unreadable } from './unreadable.ts';

/** What a file says of itself, as its first property. */
export const FORMAT = 'ergo-run';
/** Raised when an older page could not read what a newer one writes. */
export const VERSION = 1;
/** Ends the names of saved runs. */
export const EXTENSION = '.ergo.json';

export interface SavedView extends Omit<PictureView, 'preview'> {
  readonly preview: Still | null;
}

export type SavedEvent =
  | Exclude<
      RunEvent,
      { readonly type: 'picture-viewed' | 'context-kept' | 'run-failed'; readonly at: number }
    >
  | (Omit<RunEventOf<'picture-viewed'>, 'view'> & { readonly view: SavedView });

/** One run, from `run-started` to `run-finished`. */
export interface SavedLane {
  readonly events: readonly SavedEvent[];
  /** After the run; null where it was not measured. */
  readonly memory: MemoryReport | null;
}

export interface SavedPicture {
  /** Of a person's file; null in a link, and where it is one of the gallery. */
  readonly name: string | null;
  /** Its id in the gallery, where everybody finds it. */
  readonly sample: string | null;
  /** The whole picture small; null where the person did not want it. */
  readonly preview: Still | null;
}

export interface SavedRun {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly picture: SavedPicture;
  /** A way of looking, and the baseline of the same question if it was run; at most one of each. */
  readonly runs: readonly SavedLane[];
}

/** Files that are larger are not read, bytes. */
const MOST_BYTES = 20e6;

/** Is this a saved run, or meant to be one? Reads its beginning only. */
export async function isSavedRun(file: Blob, name: string): Promise<boolean> {
  if (name.toLowerCase().endsWith(EXTENSION)) return true;
  // What cannot be read is told by whoever opens it.
  const start = await file
    .slice(0, 64)
    .text()
    .catch(() => '');
  return /^\s*\{\s*"format"\s*:\s*"ergo-run"/.test(start);
}

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
  for (const still of stillsOf(saved)) blobOf(still);
  return saved;
}

/** Events as they were, with pixels for the eye where they are at hand. */
export function withPreviews(
  events: readonly SavedEvent[],
  previews: ReadonlyMap<Still, ImageBitmap> = new Map(),
): RunEvent[] {
  return events.map((event): RunEvent => {
    if (event.type !== 'picture-viewed') return event;
    const { preview } = event.view;
    return {
      ...event,
      view: { ...event.view, preview: (preview && previews.get(preview)) ?? null },
    };
  });
}

/**
 * Without what only the running page could use.
 * @param stills of the views' previews, by the bitmap
 */
export function savedEvents(
  events: readonly RunEvent[],
  stills: ReadonlyMap<ImageBitmap, Still> = new Map(),
): SavedEvent[] {
  return events.flatMap((event): SavedEvent[] => {
    if (event.type === 'context-kept' || event.type === 'run-failed') return [];
    if (event.type !== 'picture-viewed') return [event];
    const { preview } = event.view;
    return [
      { ...event, view: { ...event.view, preview: (preview && stills.get(preview)) ?? null } },
    ];
  });
}

export function startOf({ events }: SavedLane): RunEventOf<'run-started'> {
  const [first] = events;
  if (first?.type !== 'run-started') throw unreadable('There is no whole run.');
  return first;
}

export function laneOfSaved(lane: SavedLane): ReturnType<typeof laneOf> {
  return laneOf(startOf(lane).policy);
}

/** All pictures in it, the preview of the whole first. */
export function stillsOf({ picture, runs }: SavedRun): Still[] {
  const seen = runs.flatMap(({ events }) =>
    events.flatMap((event) => (event.type === 'picture-viewed' ? (event.view.preview ?? []) : [])),
  );
  return picture.preview ? [picture.preview, ...seen] : seen;
}

function reportOfSaved(events: readonly SavedEvent[]) {
  return reportOf(foldRun(withPreviews(events)));
}
