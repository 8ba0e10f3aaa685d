/** A run with an answer, and its picture: on the page it came from, or replayed elsewhere. */
import type { MemoryReport } from '../../core/contracts/model.ts';
import type { PictureInfo } from '../../core/contracts/pictures.ts';
import type { Size } from '../../core/geometry/size.ts';
import { withOptions } from '../../core/protocol/question.ts';
import type { RunEvent, RunEventOf } from '../../core/run/events.ts';
import type { RunState } from '../../core/run/fold.ts';
import { shownIn, type Asked, type AskedList, type Lane } from '../../core/session/asked.ts';

/** Something that a canvas can draw. */
export type Drawable = Size & (ImageBitmap | HTMLImageElement);

export interface ExhibitPicture {
  /** Of a person's file. */
  readonly name: string | null;
  /** Id in the gallery. */
  readonly sample: string | null;
  readonly info: PictureInfo;
  /** Null where the picture is not at hand. Not to be closed. */
  readonly drawable: () => Promise<Drawable | null>;
}

export interface ExhibitRun {
  readonly events: readonly RunEvent[];
  readonly state: RunState;
  readonly memory: MemoryReport | null;
}

export interface Exhibit {
  readonly picture: ExhibitPicture;
  /** What the answer is from. */
  readonly main: ExhibitRun;
  /** One look at everything, beside `main`; null if it was not run, or is `main` itself. */
  readonly baseline: ExhibitRun | null;
}

/** @returns null where a lane shows no answer */
export function exhibitOf(list: AskedList, lane: Lane, picture: ExhibitPicture): Exhibit | null {
  const main = answered(shownIn(list, lane));
  if (!main) return null;
  const other = lane === 'looks' ? answered(shownIn(list, 'baseline')) : null;
  return { picture, main, baseline: other?.text === main.text ? other : null };
}

export function startedOf({ state }: ExhibitRun): RunEventOf<'run-started'> {
  // A run with an answer has begun.
  if (!state.started) throw new Error('The run has not begun.');
  return state.started;
}

/** As it can be asked again. */
export function questionOf(run: ExhibitRun): string {
  return withOptions(startedOf(run));
}

export function runsOf({ main, baseline }: Exhibit): readonly ExhibitRun[] {
  return baseline ? [main, baseline] : [main];
}

function answered(asked: Asked | null): Asked | null {
  return asked?.report ? asked : null;
}
