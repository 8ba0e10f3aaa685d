/** What the first bytes of a picture say, so that nothing is decoded only to be refused. */
import type { Bytes } from './bytes.ts';
import { avifHasFrames, gifHasFrames, pngHasFrames, webpHasFrames } from './frames.ts';
import { readJpeg } from './jpeg.ts';
import { readBytes } from './read.ts';

export interface PictureHeader {
  /** MIME type by content; empty where the first bytes do not tell. */
  readonly type: string;
  /** As stored (a picture may be turned) and as claimed; 0 where the header does not tell. */
  readonly width: number;
  readonly height: number;
  /** There are more frames than the first. */
  readonly animated: boolean;
  /** Where the pixels begin, at the latest; thumbnails lie before. */
  readonly dataAt: number;
}

/** Enough for every format but JPEG, whose markers are followed through the file. */
const FIRST = 64 * 1024;

/**
 * Reads what it knows. Anything else is left to the browser's decoder, which knows more.
 * @throws ErgoError `file-unreadable`
 */
export async function readHeader(file: Blob): Promise<PictureHeader> {
  const bytes = await readBytes(file, 0, FIRST);
  if (bytes.u16(0) === 0xff_d8) return (await readJpeg(file)) ?? header('image/jpeg');
  return (
    readPng(bytes) ??
    (await readGif(file, bytes)) ??
    (await readWebp(file, bytes)) ??
    readBmp(bytes) ??
    readHeif(bytes) ??
    header(bytes.u32(0) === 0x00_00_01_00 ? 'image/x-icon' : '')
  );
}

function header(type: string, width = 0, height = 0, animated = false): PictureHeader {
  return { type, width, height, animated, dataAt: 0 };
}

function readPng(bytes: Bytes): PictureHeader | null {
  if (bytes.u32(0) !== 0x89_50_4e_47 || bytes.text(12, 4) !== 'IHDR') return null;
  return header('image/png', bytes.u32(16), bytes.u32(20), pngHasFrames(bytes));
}

async function readGif(file: Blob, bytes: Bytes): Promise<PictureHeader | null> {
  if (!/^GIF8[79]a$/.test(bytes.text(0, 6))) return null;
  const animated = gifHasFrames(await readBytes(file, 0, file.size));
  return header('image/gif', bytes.u16(6, true), bytes.u16(8, true), animated);
}

async function readWebp(file: Blob, bytes: Bytes): Promise<PictureHeader | null> {
  if (bytes.text(0, 4) !== 'RIFF' || bytes.text(8, 4) !== 'WEBP') return null;
  switch (bytes.text(12, 4)) {
    case 'VP8X': {
      const isMarked = (bytes.u8(20) & 0b10) !== 0;
      const animated = isMarked && webpHasFrames(await readBytes(file, 0, file.size));
      return header('image/webp', bytes.u24le(24) + 1, bytes.u24le(27) + 1, animated);
    }
    case 'VP8L': {
      const bits = bytes.u32(21, true);
      return header('image/webp', (bits & 0x3f_ff) + 1, ((bits >>> 14) & 0x3f_ff) + 1);
    }
    default:
      return header('image/webp', bytes.u16(26, true) & 0x3f_ff, bytes.u16(28, true) & 0x3f_ff);
  }
}

function readBmp(bytes: Bytes): PictureHeader | null {
  if (bytes.text(0, 2) !== 'BM') return null;
  const length = bytes.u32(14, true);
  // The header of OS/2 has 12 bytes and short sides.
  if (length === 12) return header('image/bmp', bytes.u16(18, true), bytes.u16(20, true));
  // A negative height stores the rows from the top.
  return header('image/bmp', bytes.u32(18, true), Math.abs(bytes.u32(22, true) | 0));
}

/** AVIF and HEIC; the largest `ispe` is the picture, smaller ones are tiles and thumbnails. */
function readHeif(bytes: Bytes): PictureHeader | null {
  if (bytes.text(4, 4) !== 'ftyp') return null;
  const brand = bytes.text(8, 4);
  const type = /^avi[fs]$/.test(brand) ? 'image/avif' : 'image/heic';
  if (type === 'image/heic' && !/^(hei[cxms]|mif1|msf1)$/.test(brand)) return null;
  let width = 0;
  let height = 0;
  for (let at = bytes.find('ispe', 8); at >= 0; at = bytes.find('ispe', at + 4)) {
    if (bytes.u32(at + 8) * bytes.u32(at + 12) > width * height) {
      width = bytes.u32(at + 8);
      height = bytes.u32(at + 12);
    }
  }
  return header(type, width, height, brand === 'avis' && avifHasFrames(bytes));
}
