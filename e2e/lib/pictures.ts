/** Small picture files for tests, made byte by byte. */
import { deflateSync } from 'node:zlib';

const CHANNELS = { 0: 1, 2: 3, 6: 4 } as const;

/**
 * @param type PNG colour type: 0 grey, 2 RGB, 6 RGBA
 * @param shade value of each channel, 0 to 255
 */
export function png(
  width: number,
  height: number,
  type: keyof typeof CHANNELS,
  shade: (x: number, y: number, channel: number) => number,
): Buffer {
  const channels = CHANNELS[type];
  const lines = Buffer.alloc(height * (1 + width * channels));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width * channels; x++)
      lines[y * (1 + width * channels) + 1 + x] = shade(Math.floor(x / channels), y, x % channels);
  return pngOf(width, height, type, deflateSync(lines));
}

/** A header that promises more than there is. */
export function pngHeader(width: number, height: number): Buffer {
  return pngOf(width, height, 2, deflateSync(Buffer.alloc(8)));
}

/** Puts an EXIF orientation into a JPEG. */
export function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  const tiff = Buffer.from('4d4d002a0000000800010112000300000001000000000000', 'hex');
  tiff.writeUInt16BE(orientation, 18);
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, Buffer.alloc(4)]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

/** Puts bytes between the first two segments of a JPEG, where no decoder minds them. */
export function withJunk(jpeg: Buffer): Buffer {
  const end = 4 + jpeg.readUInt16BE(4);
  return Buffer.concat([jpeg.subarray(0, end), Buffer.alloc(7, 0x0a), jpeg.subarray(end)]);
}

/** Writes another size into the property `ispe` of an AVIF. */
export function avifThatClaims(avif: Buffer, width: number, height: number): Buffer {
  const claiming = Buffer.from(avif);
  const at = claiming.indexOf('ispe');
  claiming.writeUInt32BE(width, at + 8);
  claiming.writeUInt32BE(height, at + 12);
  return claiming;
}

/** Writes another size into the extended header of a WebP. */
export function webpThatClaims(webp: Buffer, width: number, height: number): Buffer {
  const claiming = Buffer.from(webp);
  claiming.writeUIntLE(width - 1, 24, 3);
  claiming.writeUIntLE(height - 1, 27, 3);
  return claiming;
}

/** Writes another logical screen into a GIF. */
export function gifThatClaims(gif: Buffer, width: number, height: number): Buffer {
  const claiming = Buffer.from(gif);
  claiming.writeUInt16LE(width, 6);
  claiming.writeUInt16LE(height, 8);
  return claiming;
}

/** Frames of one pixel each, marked as a loop whatever their number. */
export function animatedGif(frames = 2): Buffer {
  const frame = '21f90400640000002c0000000001000100000202440100';
  const loop = '21ff0b4e45545343415045322e300301000000';
  const start = `474946383961010001008000000000ffffffff${loop}`;
  return Buffer.from(`${start}${frame.repeat(frames)}3b`, 'hex');
}

/** Two pixels with the short header of OS/2, 24 bits each. */
export function os2Bitmap(): Buffer {
  const head = Buffer.from('424d220000000000000020000000', 'hex');
  head.writeUInt32LE(26, 10);
  const info = Buffer.from('0c0000000200010001001800', 'hex');
  return Buffer.concat([head, info, Buffer.from('0000ff00ff000000', 'hex')]);
}

function pngOf(width: number, height: number, type: number, data: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = type;
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND')]);
}

function chunk(name: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function crc(data: Buffer): number {
  let value = 0xff_ff_ff_ff;
  for (const byte of data) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++)
      value = value & 1 ? (value >>> 1) ^ 0xed_b8_83_20 : value >>> 1;
  }
  return ~value >>> 0;
}
