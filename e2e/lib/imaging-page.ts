/** Runs in the page: the imaging room against what the browser itself draws of the same file. */
import { nextStep, type ErrorCode } from '../../src/core/errors.ts';
import { box, type Size } from '../../src/core/geometry/size.ts';
import { limitsOf, type Limits } from '../../src/imaging/limits.ts';
import { openPixels, type Pixels } from '../../src/imaging/pixels.ts';

/** Left, top, width and height in original pixels; null for the whole picture. */
export type Region = readonly [number, number, number, number] | null;

interface Shown {
  readonly size: Size;
  /** Mean of all channels' differences to what an <img> shows, 0 to 255. */
  readonly difference: number;
  /** Of the pixel in the middle of each quarter. */
  readonly colours: readonly string[];
}

/** Longer than any decoder rings. */
const TARGET = { width: 24, height: 16 };

/**
 * One view of a file, or what the page would draw of it.
 * @param limits that differ from those of this machine
 */
async function show(
  file: string,
  what: Region | 'glance',
  limits: Partial<Limits>,
): Promise<Shown | null> {
  const bytes = Uint8Array.from(atob(file), (character) => character.charCodeAt(0));
  // A type that is wrong must not matter.
  const blob = new Blob([bytes], { type: 'text/plain' });
  const pixels = await openPixels(blob, { ...limitsOf(8), ...limits });
  try {
    if (what === 'glance') {
      const glance = await pixels.glance();
      if (!glance) return null;
      const size = { width: glance.width, height: glance.height };
      return compare(
        pixels.size,
        draw(glance, null, size),
        await reference(blob, null, size),
        size,
      );
    }
    const region = what && box('original', ...what);
    const { rgba } = await pixels.resize(region, TARGET, () => Promise.resolve());
    return compare(pixels.size, rgba, await reference(blob, what, TARGET), TARGET);
  } finally {
    pixels.close();
  }
}

/** What a person sees: the same part of the file, drawn by the page itself. */
async function reference(blob: Blob, region: Region, target: Size): Promise<Uint8ClampedArray> {
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  await image.decode();
  return draw(image, region, target);
}

function draw(
  source: HTMLImageElement | ImageBitmap,
  region: Region,
  { width, height }: Size,
): Uint8ClampedArray {
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (!context) throw new Error('There is no canvas.');
  const [x, y, w, h] = region ?? [0, 0, source.width, source.height];
  // Transparency lies over white, on the page too.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, x, y, w, h, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

function compare(
  size: Size,
  ours: Uint8ClampedArray,
  theirs: Uint8ClampedArray,
  { width, height }: Size,
): Shown {
  let sum = 0;
  for (const [i, value] of ours.entries()) sum += Math.abs(value - (theirs[i] ?? 0));
  const colours = [0, 1, 2, 3].map((quarter) => {
    const x = Math.floor((width * (1 + 2 * (quarter % 2))) / 4);
    const y = Math.floor((height * (1 + 2 * Math.floor(quarter / 2))) / 4);
    return ours.slice((y * width + x) * 4, (y * width + x) * 4 + 3).join(' ');
  });
  return { size, difference: sum / ours.length, colours };
}

/** What a file is opened as, or the code of the error; and as what the page draws it, or null. */
async function open(file: string): Promise<{ opened: string; drawn: string | null }> {
  const blob = new Blob([Uint8Array.from(atob(file), (character) => character.charCodeAt(0))]);
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  const drawn = await image.decode().then(
    () => `${image.naturalWidth} x ${image.naturalHeight}`,
    () => null,
  );
  try {
    const pixels = await openPixels(blob);
    pixels.close();
    return { opened: `${pixels.size.width} x ${pixels.size.height}`, drawn };
  } catch (thrown) {
    return { opened: codeOf(thrown), drawn };
  }
}

let picked: Promise<Pixels> | null = null;

/** Opens the file of the page's input. @returns the code of the error, or "opened" */
async function openPicked(): Promise<string> {
  const [file] = document.querySelector('input')?.files ?? [];
  picked = openPixels(file ?? new Blob(), { ...limitsOf(8), heldBytes: 0 });
  return picked.then(() => 'opened', codeOf);
}

/** @returns the code of the error, or "cut" */
async function cropPicked(): Promise<string> {
  const pixels = await picked;
  const region = box('original', 0, 0, 10, 10);
  const cut = pixels?.resize(region, TARGET, () => Promise.resolve());
  return cut?.then(() => 'cut', codeOf) ?? 'nothing';
}

function codeOf(thrown: unknown): string {
  return (thrown as { code: string }).code;
}

/** Two resizings of what is damaged differ more than of what is whole. */
const FRAME = 20;

/** Both ways of opening: whole, and a JPEG reduced. */
const WAYS: readonly Partial<Limits>[] = [{}, { reducedPixels: 3000 }];

/**
 * Whether a file is seen as the page draws it: as a whole, and a quarter that is cut from it.
 * @returns "as shown", "refused", "refused, but shown", "opened, but not shown" or "wrong frame",
 *   with the code and the sentences of a refusal
 */
async function judge(file: string): Promise<{ verdict: string; code?: string; says?: string }> {
  const { opened, drawn } = await open(file);
  if (!/^\d+ x/.test(opened)) {
    const says = nextStep(opened as ErrorCode);
    return { verdict: drawn === null ? 'refused' : 'refused, but shown', code: opened, says };
  }
  if (drawn === null) return { verdict: 'opened, but not shown' };
  const [width = 1, height = 1] = opened.split(' x ').map(Number);
  const left = Math.floor(width / 2);
  const top = Math.floor(height / 2);
  const quarter = [left, top, width - left, height - top] as const;
  let isRight = opened === drawn;
  for (const limits of WAYS) {
    for (const what of [null, quarter]) {
      const shown = await show(file, what, limits);
      isRight &&= shown !== null && shown.difference < FRAME;
    }
  }
  return { verdict: isRight ? 'as shown' : 'wrong frame' };
}

const imaging = { show, open, judge, openPicked, cropPicked };

export type Imaging = typeof imaging;

Object.assign(globalThis, { imaging });
