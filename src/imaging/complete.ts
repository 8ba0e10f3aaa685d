/**
 * Has a file been cut short? Browsers decode what there is of it without a word, and a model would
 * be asked about grey.
 */
import { Bytes } from './bytes.ts';
import type { PictureHeader } from './header.ts';

const TAIL = 64 * 1024;
const CHUNK = 4 * 2 ** 20;

/** @returns false if the end mark of its format is missing; true for formats without one */
export async function isComplete(file: Blob, header: PictureHeader): Promise<boolean> {
  switch (header.type) {
    case 'image/jpeg':
      // A byte 0xff in compressed data is followed by 0, so this can only be the end.
      return contains(file, '\u00FF\u00D9', header.dataAt);
    case 'image/png':
      return contains(file, 'IEND', header.dataAt);
    case 'image/webp': {
      const bytes = new Bytes(await file.slice(0, 12).arrayBuffer());
      return bytes.u32(4, true) + 8 <= file.size;
    }
    default:
      return true;
  }
}

/** Looks at the end first: only what was appended to a picture (a film, say) comes after it. */
async function contains(file: Blob, mark: string, from: number): Promise<boolean> {
  if (await isIn(file, mark, Math.max(from, file.size - TAIL), file.size)) return true;
  for (let at = from; at < file.size; at += CHUNK) {
    if (await isIn(file, mark, at, at + CHUNK + mark.length)) return true;
  }
  return false;
}

async function isIn(file: Blob, mark: string, from: number, to: number): Promise<boolean> {
  const bytes = new Uint8Array(await file.slice(from, to).arrayBuffer());
  const codes = Array.from(mark, (character) => character.codePointAt(0) ?? 0);
  const [first = 0] = codes;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (codes.every((code, i) => bytes[at + i] === code)) return true;
  }
  return false;
}
