import { describe, expect, it } from 'vitest';
import { isComplete } from './complete.ts';
import { readHeader } from './header.ts';
import { checkSize } from './limits.ts';

const ascii = (text: string): number[] => text.split('').map((c) => c.codePointAt(0) ?? 0);
const u16 = (value: number): number[] => [value >> 8, value & 255];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xff_ff)];
const file = (...bytes: number[][]): Blob => new Blob([new Uint8Array(bytes.flat())]);

const frame = (width: number, height: number): number[] => [
  0xff,
  0xc0,
  0,
  17,
  8,
  ...u16(height),
  ...u16(width),
  ...Array.from({ length: 12 }, () => 0),
];
const exif = (orientation: number): number[] => {
  const tiff = [...ascii('MM'), 0, 42, ...u32(8), ...u16(1), ...u16(0x0112), ...u16(3), ...u32(1)];
  const body = [...ascii('Exif'), 0, 0, ...tiff, ...u16(orientation), 0, 0, ...u32(0)];
  return [0xff, 0xe1, ...u16(body.length + 2), ...body];
};

describe('reading headers', () => {
  it('follows JPEG markers to the frame, however far back it is', async () => {
    const long = [0xff, 0xe2, ...u16(60_000), ...Array.from({ length: 59_998 }, () => 1)];
    const jpeg = file([0xff, 0xd8], exif(6), long, long, frame(4000, 3000));
    expect(await readHeader(jpeg)).toMatchObject({ width: 4000, height: 3000, orientation: 6 });
  });

  it('reads sizes of PNG, GIF and WebP', async () => {
    const chunk = [...u32(13), ...ascii('IHDR'), ...u32(30_000), ...u32(20_000), 8, 6, 0, 0, 0];
    const png = await readHeader(file([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], chunk));
    expect(png).toMatchObject({ type: 'image/png', width: 30_000, height: 20_000 });
    const gif = file(ascii('GIF89a'), [16, 0, 9, 0, 0, 0, 0], ascii('NETSCAPE2.0'));
    expect(await readHeader(gif)).toMatchObject({ width: 16, height: 9, animated: true });
    const extended = [...ascii('VP8X'), 10, 0, 0, 0, 2, 0, 0, 0, 99, 0, 0, 49, 0, 0];
    const webp = file(ascii('RIFF'), [0, 0, 0, 0], ascii('WEBP'), extended);
    expect(await readHeader(webp)).toMatchObject({ width: 100, height: 50, animated: true });
  });

  it.each([
    ['empty', ''],
    ['text', 'not a picture at all'],
    ['half a JPEG header', '\u00FF\u00D8\u00FF'],
  ])('refuses %s', async (_, text) => expect(await readHeader(file(ascii(text)))).toBeNull());

  it('sees that a file was cut off, and forgives what was appended', async () => {
    const header = { type: 'image/jpeg', width: 1, height: 1, orientation: 1, animated: false };
    const cut = file([0xff, 0xd8], [0xff, 0xd9], [1, 2, 0xff, 0, 3]);
    // The first end mark belongs to a thumbnail, before the pixels.
    expect(await isComplete(cut, { ...header, dataAt: 4 })).toBe(false);
    const film = Array.from({ length: 70_000 }, () => 7);
    const whole = file([0xff, 0xd8, 1, 2, 0xff, 0xd9], film);
    expect(await isComplete(whole, { ...header, dataAt: 2 })).toBe(true);
  });

  it('refuses more pixels than 200 million, and none at all', () => {
    expect(() => checkSize({ width: 30_000, height: 30_000 })).toThrow('900 megapixels');
    expect(() => checkSize({ width: 0, height: 9 })).toThrow('no pixels');
    expect(() => checkSize({ width: 20_000, height: 10_000 })).not.toThrow();
  });
});
