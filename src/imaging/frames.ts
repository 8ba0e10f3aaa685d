/** How many pictures lie in one file: only its first is shown, and a person should know. */
import type { Bytes } from './bytes.ts';

/** GIF blocks, see the specification of GIF89a, sections 17 to 28. */
export function gifHasFrames(bytes: Bytes): boolean {
  let frames = 0;
  let at = 13 + tableBytes(bytes.u8(10));
  while (at < bytes.length) {
    const kind = bytes.u8(at);
    if (kind === 0x2c) {
      frames++;
      if (frames > 1) return true;
      at += 11 + tableBytes(bytes.u8(at + 9));
    } else if (kind === 0x21) {
      at += 2;
    } else {
      return false;
    }
    for (let length = bytes.u8(at); length > 0; length = bytes.u8(at)) at += 1 + length;
    at += 1;
  }
  return false;
}

/** Of the table that the flags of a screen or of a frame announce. */
function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1);
}

/** APNG tells their number before the first one. */
export function pngHasFrames(bytes: Bytes): boolean {
  const data = bytes.find('IDAT', 33);
  const control = bytes.find('acTL', 33, data < 0 ? bytes.length : data);
  return control >= 0 && bytes.u32(control + 4) > 1;
}

/** Chunks ANMF, each a frame. */
export function webpHasFrames(bytes: Bytes): boolean {
  let frames = 0;
  for (
    let at = 12;
    at < bytes.length;
    at += 8 + bytes.u32(at + 4, true) + (bytes.u32(at + 4, true) & 1)
  ) {
    if (bytes.text(at, 4) === 'ANMF' && ++frames > 1) return true;
  }
  return false;
}

/** The number of samples of the first track (ISO 14496-12, 8.7.3.2). */
export function avifHasFrames(bytes: Bytes): boolean {
  const sizes = bytes.find('stsz');
  return sizes < 0 || bytes.u32(sizes + 12) > 1;
}
