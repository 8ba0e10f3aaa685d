/**
 * What a drop or a paste brings, decided from plain data: programs put the same thing into a
 * transfer in several forms, and text that comes along must not win over a picture.
 */

/** A DataTransfer, read while its event lasts; it is empty afterwards. */
export interface Parcel {
  readonly files: readonly File[];
  /** Of the forms text/plain, text/html and text/uri-list; empty where there is none. */
  readonly text: string;
  readonly html: string;
  readonly uris: string;
}

export type Brought =
  | { readonly kind: 'files'; readonly files: readonly File[] }
  /** Left to the browser: text into a field, and what holds no picture. */
  | { readonly kind: 'nothing' };

const NOTHING: Brought = { kind: 'nothing' };

/** Files win over every other form of the same thing, wherever they are dropped. */
export function dropped({ files }: Parcel): Brought {
  return files.length > 0 ? { kind: 'files', files } : NOTHING;
}

/**
 * @param isIntoField is it pasted where text can be written? There, a picture of the text that
 *   an office program copies along does not win over the text.
 */
export function pasted(parcel: Parcel, isIntoField: boolean): Brought {
  const { files } = parcel;
  if (files.length === 0 || (isIntoField && hasWords(parcel))) return NOTHING;
  return { kind: 'files', files };
}

/** Whether the text is something to read, and no name, path or address of the picture. */
function hasWords({ files, text, html }: Parcel): boolean {
  if (text.trim() === '') return false;
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  // What browsers copy with an image: its element and nothing else.
  const isElement = /<img\b/i.test(html) && visible(html) === '';
  const isAddress = lines.every((line) => /^[a-z]+:\S+$/i.test(line.trim()));
  if (isElement && isAddress) return false;
  const names = new Set(files.map(({ name }) => name));
  return !lines.every((line) => names.has(lastPart(line.trim())));
}

/** The words of an HTML fragment, roughly: enough to know whether there are any. */
function visible(html: string): string {
  return html
    .replace(/<(style|script|title)\b[\s\S]*?<\/\1>|<!--[\s\S]*?-->|<[^>]*>/gi, '')
    .replace(/&nbsp;/gi, ' ')
    .trim();
}

/** Of a path of any system, or of a file: URL. */
function lastPart(path: string): string {
  const part = path.split(/[/\\]/).at(-1) ?? '';
  if (!/^file:/i.test(path)) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
