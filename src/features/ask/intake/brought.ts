/**
 * What a drop or a paste brings, decided from plain data: programs put the same thing into a
 * transfer in several forms, and text that comes along must not win over a picture.
 */
import type { Entry } from './listing.ts';

/** A DataTransfer, read while its event lasts; it is empty afterwards. */
export interface Parcel {
  readonly files: readonly File[];
  /** All that was dropped, if a folder is among it: only so can it be opened. */
  readonly entries: readonly Entry[];
  /** Of the forms text/plain, text/html and text/uri-list; empty where there is none. */
  readonly text: string;
  readonly html: string;
  readonly uris: string;
}

export type Brought =
  | { readonly kind: 'files'; readonly files: readonly File[] }
  | { readonly kind: 'folder'; readonly entries: readonly Entry[] }
  /** Not yet known to be one that can be taken. */
  | { readonly kind: 'address'; readonly address: string }
  /** Left to the browser: text into a field, and what holds no picture. */
  | { readonly kind: 'nothing' };

const NOTHING: Brought = { kind: 'nothing' };

/**
 * Files win over every other form of the same thing, wherever they are dropped.
 * @param isIntoField is it dropped where text can be written?
 */
export function dropped(parcel: Parcel, isIntoField: boolean): Brought {
  if (parcel.entries.length > 0) return { kind: 'folder', entries: parcel.entries };
  if (parcel.files.length > 0) return { kind: 'files', files: parcel.files };
  return isIntoField ? NOTHING : addressIn(parcel);
}

/**
 * @param isIntoField is it pasted where text can be written? There, a picture of the text that
 *   an office program copies along does not win over the text.
 */
export function pasted(parcel: Parcel, isIntoField: boolean): Brought {
  const { files } = parcel;
  if (files.length === 0) return isIntoField ? NOTHING : addressIn(parcel);
  return isIntoField && hasWords(parcel) ? NOTHING : { kind: 'files', files };
}

/**
 * A picture of another page: its element is meant, not the page that a link around it leads to.
 * Mere words are no address, though any could be a relative one.
 */
function addressIn({ html, uris, text }: Parcel): Brought {
  const source = /<img\b[^>]*?\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(html);
  const element = source?.[1] ?? source?.[2] ?? source?.[3];
  const listed = uris.split(/[\r\n]+/).find((line) => line !== '' && !line.startsWith('#'));
  const address = element === undefined ? (listed ?? text.trim()) : unescaped(element);
  return /^(https?|data|blob|file):\S+$/i.test(address) ? { kind: 'address', address } : NOTHING;
}

/** The characters that are written otherwise in an attribute. */
function unescaped(text: string): string {
  return text.replace(/&(amp|quot|#39|lt|gt);/g, (_, name: string) => CHARACTERS[name] ?? '');
}

const CHARACTERS: Readonly<Record<string, string>> = {
  amp: '&',
  quot: '"',
  '#39': "'",
  lt: '<',
  gt: '>',
};

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
