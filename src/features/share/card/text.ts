/** Text in a box of a card: broken into lines, cut where there is no more room, in any script. */

/** Pixels that a text is wide. */
export type Measure = (text: string) => number;

const words = new Intl.Segmenter(undefined, { granularity: 'word' });
const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Of a line, as a share of its size. */
const DESCENT = 0.3;
/** Letters of options are the app's own. */
const OPTION = /\([A-Z]\)/g;

/** Scripts that are written from right to left. */
const RIGHT_TO_LEFT =
  /\p{Script=Hebrew}|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}|\p{Script=Adlam}/u;

/** Of its first letter, as the Unicode bidirectional algorithm has it. */
export function directionOf(text: string): 'ltr' | 'rtl' {
  const [letter = ''] = /\p{L}/u.exec(text.replaceAll(OPTION, '')) ?? [];
  return RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'ltr';
}

/**
 * @param most lines; what does not fit ends in "…"
 * @param width pixels
 */
export function linesOf(text: string, width: number, most: number, measure: Measure): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of piecesOf(text, width, measure)) {
    if (line === '' || measure((line + piece).trimEnd()) <= width)
      line += line === '' ? piece.trimStart() : piece;
    else {
      lines.push(line.trimEnd());
      line = piece.trimStart();
    }
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  if (lines.length <= most) return lines;
  const kept = lines.slice(0, most);
  return [...kept.slice(0, -1), cut(kept.at(-1) ?? '', width, measure)];
}

/**
 * The largest size at which a text fits.
 * @param sizes from the largest on; at the last one it is cut
 * @param measureAt of a size
 */
export function fitted(
  text: string,
  box: { readonly width: number; readonly height: number; readonly leading: number },
  sizes: readonly number[],
  measureAt: (size: number) => Measure,
): { readonly size: number; readonly lines: readonly string[] } {
  let smallest = { size: 0, lines: [] as readonly string[] };
  for (const size of sizes) {
    // The last line reaches below its base.
    const most = Math.max(1, Math.floor((box.height - DESCENT * size) / (size * box.leading)));
    const measure = measureAt(size);
    const all = linesOf(text, box.width, Number.POSITIVE_INFINITY, measure);
    if (all.length <= most && !breaksWords(all, text)) return { size, lines: all };
    smallest = { size, lines: linesOf(text, box.width, most, measure) };
  }
  return smallest;
}

/** Words with what follows them; one that is wider than a line in parts. */
function* piecesOf(text: string, width: number, measure: Measure): Generator<string> {
  let piece = '';
  // What ends a word may stand behind it; what begins one may not be left at a line's end.
  for (const { segment, isWordLike } of words.segment(text.replace(/\s+/gu, ' ').trim())) {
    const begins = isWordLike === true || /^[\p{Ps}\p{Pi}]/u.test(segment);
    const opens = /[\p{Ps}\p{Pi}]$/u.test(piece);
    if (begins && !opens && piece !== '') {
      yield* narrow(piece, width, measure);
      piece = '';
    }
    piece += segment;
  }
  if (piece !== '') yield* narrow(piece, width, measure);
}

function* narrow(piece: string, width: number, measure: Measure): Generator<string> {
  if (measure(piece.trimEnd()) <= width) return yield piece;
  let part = '';
  for (const { segment } of characters.segment(piece)) {
    if (part !== '' && measure(part + segment) > width) {
      yield part;
      part = '';
    }
    part += segment;
  }
  yield part;
}

function cut(line: string, width: number, measure: Measure): string {
  const all = [...characters.segment(line)].map(({ segment }) => segment);
  while (all.length > 0 && measure(`${all.join('').trimEnd()}…`) > width) all.pop();
  return `${all.join('').trimEnd()}…`;
}

/** Is a word with letters broken in the middle? */
function breaksWords(lines: readonly string[], text: string): boolean {
  const spaced = text.split(/\s+/u);
  return lines.some((line, index) => {
    const next = lines[index + 1];
    if (next === undefined) return false;
    const end = /[\p{L}\p{N}]+$/u.exec(line)?.[0] ?? '';
    const start = /^[\p{L}\p{N}]+/u.exec(next)?.[0] ?? '';
    // Scripts without spaces break anywhere.
    return (
      end !== '' &&
      start !== '' &&
      isLatin(end + start) &&
      spaced.some((word) => word.includes(end + start))
    );
  });
}

function isLatin(text: string): boolean {
  return /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}]+$/u.test(text);
}
