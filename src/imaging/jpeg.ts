/** The size of a JPEG, by following its markers through the file. */
import type { PictureHeader } from './header.ts';
import { readBytes } from './read.ts';

const CHUNK = 64 * 1024;
/** Entropy-coded data begins after it: a frame that was not found by then will not come. */
const START_OF_SCAN = 0xda;

/**
 * @returns null if there is no frame header before the pixels
 * @throws ErgoError `file-unreadable`
 */
export async function readJpeg(file: Blob): Promise<PictureHeader | null> {
  let at = 2;
  let base = 0;
  let bytes = await readBytes(file, 0, CHUNK);
  while (at + 10 <= file.size) {
    if (at + 10 > base + bytes.length) {
      // Colour profiles and thumbnails can push the frame header far back; skip, do not read them.
      base = at;
      bytes = await readBytes(file, base, base + CHUNK);
    }
    const local = at - base;
    const marker = bytes.u8(local + 1);
    // Decoders skip what stands between segments, so it is no reason to refuse a file.
    if (bytes.u8(local) !== 0xff || marker === 0 || marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === START_OF_SCAN) return null;
    if (isFrame(marker)) {
      return {
        type: 'image/jpeg',
        width: bytes.u16(local + 7),
        height: bytes.u16(local + 5),
        animated: false,
        dataAt: at,
      };
    }
    at += isAlone(marker) ? 2 : 2 + bytes.u16(local + 2);
  }
  return null;
}

/** SOF0 to SOF15 without DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** TEM, RST, SOI and EOI have no length. */
function isAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);
}
