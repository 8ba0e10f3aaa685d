/** What the first bytes of a picture say, so that nothing is decoded only to be refused. */
import { Bytes } from './bytes.ts';
import { readJpeg } from './jpeg.ts';

export interface PictureHeader {
  /** MIME type by content. */
  readonly type: string;
  /** Stored size, before EXIF; 0 where the header does not tell. */
  readonly width: number;
  readonly height: number;
  /** EXIF 1 to 8; 5 to 8 swap the sides. Read for JPEG only. */
  readonly orientation: number;
  readonly animated: boolean;
  /** Where the pixels begin, at the latest; thumbnails lie before. */
  readonly dataAt: number;
}

/** Enough for every format but JPEG, whose markers are followed through the file. */
const FIRST = 64 * 1024;

/** @returns null for what is no picture by its first bytes */
export async function readHeader(file: Blob): Promise<PictureHeader | null> {
  const bytes = new Bytes(await file.slice(0, FIRST).arrayBuffer());
  if (bytes.u16(0) === 0xff_d8) return readJpeg(file);
  return readPng(bytes) ?? readGif(bytes) ?? readWebp(bytes) ?? readBmp(bytes) ?? readHeif(bytes);
}

function still(type: string, width: number, height: number, animated = false): PictureHeader {
  return { type, width, height, orientation: 1, animated, dataAt: 0 };
}

function readPng(bytes: Bytes): PictureHeader | null {
  if (bytes.u32(0) !== 0x89_50_4e_47 || bytes.text(12, 4) !== 'IHDR') return null;
  // APNG names its frames before the first one.
  const data = bytes.find('IDAT', 33);
  const animated = bytes.find('acTL', 33, data < 0 ? bytes.length : data) >= 0;
  return still('image/png', bytes.u32(16), bytes.u32(20), animated);
}

function readGif(bytes: Bytes): PictureHeader | null {
  if (!/^GIF8[79]a$/.test(bytes.text(0, 6))) return null;
  // Loops and delays are only written for several frames.
  const animated = bytes.find('NETSCAPE2.0', 13) >= 0;
  return still('image/gif', bytes.u16(6, true), bytes.u16(8, true), animated);
}

function readWebp(bytes: Bytes): PictureHeader | null {
  if (bytes.text(0, 4) !== 'RIFF' || bytes.text(8, 4) !== 'WEBP') return null;
  switch (bytes.text(12, 4)) {
    case 'VP8X':
      return still(
        'image/webp',
        bytes.u24le(24) + 1,
        bytes.u24le(27) + 1,
        (bytes.u8(20) & 0b10) !== 0,
      );
    case 'VP8L': {
      const bits = bytes.u32(21, true);
      return still('image/webp', (bits & 0x3f_ff) + 1, ((bits >>> 14) & 0x3f_ff) + 1);
    }
    default:
      return still('image/webp', bytes.u16(26, true) & 0x3f_ff, bytes.u16(28, true) & 0x3f_ff);
  }
}

function readBmp(bytes: Bytes): PictureHeader | null {
  if (bytes.text(0, 2) !== 'BM' || bytes.u32(14, true) < 40) return null;
  // A negative height stores the rows from the top.
  return still('image/bmp', bytes.u32(18, true), Math.abs(bytes.u32(22, true) | 0));
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
  return still(type, width, height, brand === 'avis');
}
