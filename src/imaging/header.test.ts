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
const segment = (marker: number, body: number[]): number[] => [
  0xff,
  marker,
  ...u16(body.length + 2),
  ...body,
];

describe('reading headers', () => {
  it('follows JPEG markers to the frame, however far back it is', async () => {
    const long = segment(
      0xe2,
      Array.from({ length: 60_000 }, () => 1),
    );
    const jpeg = file([0xff, 0xd8], long, long, frame(4000, 3000));
    expect(await readHeader(jpeg)).toMatchObject({ width: 4000, height: 3000 });
  });

  it('skips junk between the segments of a JPEG, as decoders do', async () => {
    const junk = [10, 10, 0, 0xff, 0, 0xff, 0xff];
    const jpeg = file([0xff, 0xd8], segment(0xe0, [1, 2]), junk, frame(40, 30));
    expect(await readHeader(jpeg)).toMatchObject({ width: 40, height: 30 });
  });

  it('reads sizes of PNG, GIF and WebP', async () => {
    const chunk = [...u32(13), ...ascii('IHDR'), ...u32(30_000), ...u32(20_000), 8, 6, 0, 0, 0];
    const png = await readHeader(file([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], chunk));
    expect(png).toMatchObject({ type: 'image/png', width: 30_000, height: 20_000 });
    const gif = await readHeader(file(ascii('GIF89a'), [16, 0, 9, 0, 0, 0, 0]));
    expect(gif).toMatchObject({ type: 'image/gif', width: 16, height: 9 });
    const extended = [...ascii('VP8X'), 10, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 49, 0, 0];
    const webp = await readHeader(file(ascii('RIFF'), [0, 0, 0, 0], ascii('WEBP'), extended));
    expect(webp).toMatchObject({ type: 'image/webp', width: 100, height: 50 });
  });

  it('reads both headers of BMP, and names an icon', async () => {
    const start = [...ascii('BM'), ...Array.from({ length: 12 }, () => 0)];
    const windows = file(start, [40, 0, 0, 0, 16, 0, 0, 0, 0xf7, 0xff, 0xff, 0xff]);
    expect(await readHeader(windows)).toMatchObject({ width: 16, height: 9 });
    const os2 = file(start, [12, 0, 0, 0, 16, 0, 9, 0]);
    expect(await readHeader(os2)).toMatchObject({ type: 'image/bmp', width: 16, height: 9 });
    expect(await readHeader(file([0, 0, 1, 0, 1, 0]))).toMatchObject({ type: 'image/x-icon' });
  });

  it.each([
    ['nothing', '', ''],
    ['text', 'not a picture at all', ''],
    ['half a JPEG header', '\u00FF\u00D8\u00FF', 'image/jpeg'],
  ])('leaves %s to the decoder', async (_, text, type) => {
    expect(await readHeader(file(ascii(text)))).toMatchObject({ type, width: 0, height: 0 });
  });

  it('says so when the file cannot be read any more', async () => {
    const gone = file([1]);
    gone.slice = () => {
      throw new DOMException('gone', 'NotFoundError');
    };
    await expect(readHeader(gone)).rejects.toMatchObject({ code: 'file-unreadable' });
  });

  it('sees that a file was cut off, and forgives what was appended', async () => {
    const header = { type: 'image/jpeg', width: 1, height: 1, animated: false };
    const cut = file([0xff, 0xd8], [0xff, 0xd9], [1, 2, 0xff, 0, 3]);
    // The first end mark belongs to a thumbnail, before the pixels.
    expect(await isComplete(cut, { ...header, dataAt: 4 })).toBe(false);
    const film = Array.from({ length: 70_000 }, () => 7);
    const whole = file([0xff, 0xd8, 1, 2, 0xff, 0xd9], film);
    expect(await isComplete(whole, { ...header, dataAt: 2 })).toBe(true);
  });

  it('refuses more pixels than 200 million', () => {
    expect(() => checkSize({ width: 30_000, height: 30_000 })).toThrow('900 megapixels');
    expect(() => checkSize({ width: 20_000, height: 10_000 })).not.toThrow();
  });
});

describe('frames after the first', () => {
  const gif = (...frames: number[][]): Blob =>
    file(ascii('GIF89a'), [1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 1, 1, 1], frames.flat(), [0x3b]);
  const loop = [0x21, 0xff, 11, ...ascii('NETSCAPE2.0'), 3, 1, 0, 0, 0];
  const still = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
  const png = (control: number[]): Blob =>
    file([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], u32(13), ascii('IHDR'), u32(1), u32(1), [
      8,
      2,
      0,
      0,
      0,
      ...u32(0),
      ...control,
      ...u32(0),
      ...ascii('IDAT'),
    ]);
  const control = (frames: number): number[] => [
    ...u32(8),
    ...ascii('acTL'),
    ...u32(frames),
    ...u32(0),
    ...u32(0),
  ];
  const chunk = (name: string, body: number[]): number[] => [
    ...ascii(name),
    body.length,
    0,
    0,
    0,
    ...body,
    ...(body.length % 2 === 1 ? [0] : []),
  ];
  const webp = (...chunks: number[][]): Blob =>
    file(
      ascii('RIFF'),
      [0, 0, 0, 0],
      ascii('WEBP'),
      chunk('VP8X', [2, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      chunks.flat(),
    );
  const avif = (samples: number): Blob =>
    file(u32(16), ascii('ftypavis'), u32(0), ascii('stsz'), u32(0), u32(0), u32(samples));

  it.each([
    ['a GIF of one frame', gif(still), false],
    ['a GIF of one frame that is marked as a loop', gif(loop, still), false],
    ['a GIF of two frames', gif(loop, still, still), true],
    ['a PNG', png([]), false],
    ['an APNG of one frame', png(control(1)), false],
    ['an APNG of two frames', png(control(2)), true],
    ['a WebP of one frame', webp(chunk('ANIM', [0, 0, 0]), chunk('ANMF', [1])), false],
    ['a WebP of two frames', webp(chunk('ANMF', [1]), chunk('ANMF', [1])), true],
    ['an AVIF of one frame', avif(1), false],
    ['an AVIF of two frames', avif(2), true],
  ])('%s', async (_, blob, animated) => {
    expect(await readHeader(blob)).toMatchObject({ animated });
  });
});
