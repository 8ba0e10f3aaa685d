/**
 * Every way in which a model writes the region that it wants to see: `<zoom>[...]` (ERGO), JSON with
 * `bbox_2d`, fenced or bare, in a list, in `<tool_call>` or `<grounding>`, `<parameter=bbox_2d>`,
 * `<|box_start|>(x1,y1),(x2,y2)<|box_end|>`, `<box>`, and plain brackets. What the numbers mean is
 * not decided here: that is the family's convention (src/core/geometry/frames.ts).
 *
 * Twin of training/runtime/boxes.py; cases.json holds both to the same results.
 */
import type { Corners } from '../geometry/frames.ts';

export interface BoxReading {
  readonly corners: Corners;
  /** Different boxes where the region was written, this one's included. */
  readonly boxes: number;
  /** Which of several it is. */
  readonly choice: 'first' | 'last' | 'union';
  /** Places of their own: the first box of each `<zoom>`, each `bbox_2d`, each marked box. */
  readonly places: readonly [Corners, ...Corners[]];
}

const NUMBER = String.raw`["']?([-+]?(?:\d+\.?\d*|\.\d+))["']?`;
const COMMA = String.raw`(?:\s*,\s*|\s+)`;
/** Between two points: "(1,2),(3,4)". */
const BETWEEN = String.raw`(?:\s*,\s*|\s+|\s*[\])]\s*,?\s*[[(]\s*)`;
/** A number at the very end may lack digits: text that was cut off there holds no box. */
const END = String.raw`(?:\s*[\])}<"'\\]|\s+$)`;
const FOUR = NUMBER + COMMA + NUMBER + BETWEEN + NUMBER + COMMA + NUMBER + END;

const BRACKETED = new RegExp(String.raw`[[(]\s*${FOUR}`, 'g');
const BARE = new RegExp(String.raw`^\s*${FOUR}`);
/** What stands behind `bbox_2d`, as far as it could be numbers. */
const KEYED = /(?:bbox_2d\\?["']?\s*[:=]|<parameter=bbox_2d>)([[\](){}\d\s,.+\-"'\\]*)/gi;
const MARKED = /(?:<\|box_start\|>|<box>)([^<]*<?)/gi;

/**
 * The region in a reply; may be called while it is being written. In order: the first box in or
 * after `<zoom>`; after the thought, then anywhere: the union of all `bbox_2d`, the union of all
 * marked boxes, the last box in brackets. Not yet repaired. Null if there is none.
 */
export function parseBoxes(text: string): BoxReading | null {
  const tag = text.indexOf('<zoom>');
  if (tag >= 0) {
    const [, ...tags] = text.split('<zoom>');
    const found = reading(numbersOf(tags.join(' ')), 'first');
    const places = found && different(tags.flatMap((inner) => numbersOf(inner).slice(0, 1)));
    if (found) return { ...found, places: places ?? found.places };
  }
  const thought = text.lastIndexOf('</think>');
  return (thought < 0 ? null : boxesOf(text.slice(thought))) ?? boxesOf(text);
}

function boxesOf(text: string): BoxReading | null {
  // Behind the value stands what is no number, unless the text was cut off in it.
  const keyed = [...text.matchAll(KEYED)].flatMap((found) => {
    const value = found[1] ?? '';
    return numbersOf(found.index + found[0].length < text.length ? `${value}]` : value);
  });
  const marked = [...text.matchAll(MARKED)].flatMap(([, value = '']) => numbersOf(value));
  return (
    reading(keyed, 'union') ??
    reading(marked, 'union') ??
    reading(
      [...text.matchAll(BRACKETED)].map((found) => cornersOf(found)),
      'last',
    )
  );
}

/** All boxes in brackets, or one that begins at once without any. */
function numbersOf(text: string): Corners[] {
  const bare = BARE.exec(text);
  const bracketed = [...text.matchAll(BRACKETED)];
  return (bare ? [bare, ...bracketed] : bracketed).map((found) => cornersOf(found));
}

function cornersOf([, x1, y1, x2, y2]: RegExpExecArray): Corners {
  return [Number(x1), Number(y1), Number(x2), Number(y2)];
}

function reading(found: readonly Corners[], choice: BoxReading['choice']): BoxReading | null {
  const all = different(found);
  if (all === null) return null;
  const corners = { first: all[0], last: found.at(-1) ?? all[0], union: unionOf(all) }[choice];
  return { corners, boxes: all.length, choice, places: choice === 'union' ? all : [corners] };
}

function different(found: readonly Corners[]): readonly [Corners, ...Corners[]] | null {
  const [first, ...others] = new Map(found.map((corners) => [corners.join(), corners])).values();
  return first === undefined ? null : [first, ...others];
}

/** One box stays as it was written, inverted or not. */
function unionOf(boxes: readonly Corners[]): Corners {
  const [only = [0, 0, 0, 0], ...others] = boxes;
  if (others.length === 0) return only;
  const xs = boxes.flatMap(([x1, , x2]) => [x1, x2]);
  const ys = boxes.flatMap(([, y1, , y2]) => [y1, y2]);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
