/** A small picture inside a saved run or a link: a JPEG or a WebP of bounded size, and nothing else. */
import type { Size } from '../geometry/size.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { unreadable } from './unreadable.ts';

export interface Still extends Size {
  /** The file, base64. */
  readonly data: string;
}

export interface StillHeader extends Size {
  readonly type: 'image/jpeg' | 'image/webp';
}

/** As many pixels as the largest view has, and some. */
const MOST_PIXELS = 4e6;
const MOST_SIDE = 16_000;

/**
 * A WebP with nothing but its pixels: browsers wrap them together with a colour profile of half a
 * kilobyte, which says no more than what a WebP without one means, sRGB.
 * @returns other files as they are
 */
export function plainWebp(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (ascii(bytes, 0, 4) !== 'RIFF' || ascii(bytes, 8, 8) !== 'WEBPVP8X') return bytes;
  const view = viewOf(bytes);
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true);
    // Chunks are of even length.
    const end = at + 8 + length + (length % 2);
    if (ascii(bytes, at, 4) === 'VP8 ') {
      const plain = new Uint8Array(12 + end - at);
      plain.set(bytes.subarray(0, 12));
      plain.set(bytes.subarray(at, end), 12);
      viewOf(plain).setUint32(4, plain.length - 8, true);
      return plain;
    }
    at = end;
  }
  return bytes;
}

/** @throws ErgoError `run-unreadable` */
export function stillOf(bytes: Uint8Array): Still {
  const header = readStill(bytes);
  if (!header) throw unreadable('A picture in it cannot be read.');
  return { width: header.width, height: header.height, data: toBase64(bytes) };
}

/**
 * @returns the file, with the type that its bytes have
 * @throws ErgoError `run-unreadable`
 */
export function blobOf({ width, height, data }: Still): Blob {
  const bytes = fromBase64(data);
  const header = bytes && readStill(bytes);
  if (!header || header.width !== width || header.height !== height) {
    throw unreadable('A picture in it is damaged.');
  }
  return new Blob([bytes], { type: header.type });
}

/**
 * What the first bytes say. The browser would open much more, and a few bytes can stand for a
 * picture that fills the memory.
 * @returns null for anything that is no small JPEG or WebP
 */
export function readStill(bytes: Uint8Array): StillHeader | null {
  const header = readWebp(bytes) ?? readJpeg(bytes);
  if (!header) return null;
  const { width, height } = header;
  const isSmall =
    Math.min(width, height) > 0 &&
    Math.max(width, height) <= MOST_SIDE &&
    width * height <= MOST_PIXELS;
  return isSmall ? header : null;
}

function readWebp(bytes: Uint8Array): StillHeader | null {
  if (bytes.length < 30 || ascii(bytes, 0, 4) !== 'RIFF' || ascii(bytes, 8, 8) !== 'WEBPVP8 ') {
    // Lossless, animated and layered ones are not made here.
    return null;
  }
  const view = viewOf(bytes);
  const [width, height] = [view.getUint16(26, true) & 0x3f_ff, view.getUint16(28, true) & 0x3f_ff];
  return { type: 'image/webp', width, height };
}

/** Follows the segments to the one with the size. */
function readJpeg(bytes: Uint8Array): StillHeader | null {
  const view = viewOf(bytes);
  if (bytes.length < 4 || view.getUint16(0) !== 0xff_d8) return null;
  for (let at = 2; at + 9 <= bytes.length;) {
    const marker = view.getUint16(at);
    if (marker < 0xff_c0) return null;
    // Start of frame; three of the numbers between mean something else.
    const isFrame = marker <= 0xff_cf && ![0xff_c4, 0xff_c8, 0xff_cc].includes(marker);
    if (isFrame) {
      return { type: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
