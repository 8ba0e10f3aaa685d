/**
 * A run that is kept or handed on: its events as plain data, and what of the picture may go with
 * them. A file holds it as JSON; a link holds a smaller form of the same (`link.ts`).
 */
import type { MemoryReport } from '../contracts/model.ts';
import type { PictureView } from '../contracts/pictures.ts';
import type { RunEvent, RunEventOf } from '../run/events.ts';
import { laneOf } from '../session/asked.ts';
import type { Still } from './still.ts';
import { unreadable } from './unreadable.ts';

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
      {
        readonly type: 'picture-viewed' | 'context-kept' | 'prefilling' | 'run-failed';
        readonly at: number;
      }
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
    if (event.type === 'prefilling') return [];
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
