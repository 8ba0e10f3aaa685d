/** Size and EXIF orientation of a JPEG, by following its markers through the file. */
import { Bytes } from './bytes.ts';
import type { PictureHeader } from './header.ts';

const CHUNK = 64 * 1024;

/** @returns null if the file ends before its frame header */
export async function readJpeg(file: Blob): Promise<PictureHeader | null> {
  let orientation = 1;
  let at = 2;
  let base = 0;
  let bytes = new Bytes(await file.slice(0, CHUNK).arrayBuffer());
  while (at + 10 <= file.size) {
    if (at + 10 > base + bytes.length) {
      // Colour profiles and thumbnails can push the frame header far back; skip, do not read them.
      base = at;
      bytes = new Bytes(await file.slice(base, base + CHUNK).arrayBuffer());
    }
    const local = at - base;
    if (bytes.u8(local) !== 0xff) return null;
    const marker = bytes.u8(local + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (isFrame(marker)) {
      return {
        type: 'image/jpeg',
        width: bytes.u16(local + 7),
        height: bytes.u16(local + 5),
        orientation,
        animated: false,
        dataAt: at,
      };
    }
    const length = bytes.u16(local + 2);
    if (marker === 0xe1 && bytes.text(local + 4, 4) === 'Exif') {
      const segment = new Bytes(await file.slice(at + 10, at + 2 + length).arrayBuffer());
      orientation = exifOrientation(segment);
    }
    at += 2 + length;
  }
  return null;
}

/** SOF0 to SOF15 without DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** Tag 0x0112 of the first directory; 1 if it is missing or makes no sense. */
function exifOrientation(tiff: Bytes): number {
  const little = tiff.text(0, 2) === 'II';
  const directory = tiff.u32(4, little);
  const entries = tiff.u16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * 12;
    if (tiff.u16(entry, little) !== 0x01_12) continue;
    const value = tiff.u16(entry + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
