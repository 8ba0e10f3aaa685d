/**
 * Has a file been cut short? Browsers decode what there is of it without a word, and a model would
 * be asked about grey.
 */
import type { PictureHeader } from './header.ts';
import { readBytes } from './read.ts';

const TAIL = 64 * 1024;
const CHUNK = 4 * 2 ** 20;

/**
 * @returns false if the end mark of its format is missing; true for formats without one
 * @throws ErgoError `file-unreadable`
 */
export async function isComplete(file: Blob, header: PictureHeader): Promise<boolean> {
  switch (header.type) {
    case 'image/jpeg':
      // A byte 0xff in compressed data is followed by 0, so this can only be the end.
      return contains(file, '\u00FF\u00D9', header.dataAt);
    case 'image/png':
      return contains(file, 'IEND', header.dataAt);
    case 'image/webp':
      return (await readBytes(file, 0, 12)).u32(4, true) + 8 <= file.size;
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
  return (await readBytes(file, from, to)).find(mark) >= 0;
}
