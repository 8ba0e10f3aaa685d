/** Pictures that are damaged, odd or none, from small whole ones. The same on every machine. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../lib/run.mjs';

/** @typedef {typeof import('../../e2e/lib/pictures.ts')} Generators */
/** @typedef {{ name: string, bytes: Buffer }} HostileFile */

const FLIPS = 24;
const CUTS = [0.02, 0.1, 0.3, 0.6, 0.95];
const NOISE = [1, 2, 3, 8, 100, 5000];
/** First bytes of each format, and of what people take for pictures. */
const STARTS = {
  jpeg: 'ffd8ffe0',
  png: '89504e470d0a1a0a0000000d49484452',
  gif: '474946383961',
  webp: '524946460000ffff57454250',
  avif: '0000001c6674797061766966',
  bmp: '424d36000000000000003600000028000000',
  icon: '000001000100',
  tiff: '49492a0008000000',
  pdf: '255044462d312e37',
  zip: '504b030414000000',
  mp4: '00000018667479706d703432',
};
const TEXTS = {
  letter: 'This is a letter, not a picture.',
  svg: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
  page: '<!doctype html><title>404</title><p>Not found',
  nothing: '',
};

/** @param {Generators} make @returns {HostileFile[]} */
export function hostileFiles(make) {
  const fixtures = path.join(ROOT, 'e2e', 'fixtures', 'pictures.json');
  /** @type {{ turned: Record<string, string[]>, colours: Record<string, string> }} */
  const { turned, colours } = JSON.parse(readFileSync(fixtures, 'utf8'));
  /** @type {HostileFile[]} */
  const files = [];
  const add = (/** @type {string} */ name, /** @type {Buffer} */ bytes) =>
    files.push({ name, bytes });
  const random = generator();
  const noise = (/** @type {number} */ length) =>
    Buffer.from(Array.from({ length }, () => random(256)));

  for (const [format, all] of Object.entries(turned)) {
    const whole = all.map((file) => Buffer.from(file, 'base64'));
    for (const [i, bytes] of whole.entries()) add(`${format}, orientation ${i + 1}`, bytes);
    const [upright = Buffer.alloc(0)] = whole;
    for (const part of CUTS) {
      add(`${format}, cut at ${part}`, upright.subarray(0, Math.floor(upright.length * part)));
    }
    add(`${format}, something appended`, Buffer.concat([upright, noise(3000)]));
    for (let i = 0; i < FLIPS; i++) {
      const bytes = Buffer.from(whole[i % whole.length] ?? upright);
      for (let flips = 0; flips <= i % 4; flips++) bytes[random(bytes.length)] = random(256);
      add(`${format}, bytes changed, ${i}`, bytes);
    }
  }
  for (const [name, file] of Object.entries(colours)) {
    add(`colours, ${name}`, Buffer.from(file, 'base64'));
  }
  for (const length of NOISE) add(`noise, ${length}`, noise(length));
  for (const [name, start] of Object.entries(STARTS)) {
    add(`${name}, its start alone`, Buffer.from(start, 'hex'));
    add(`${name}, noise after its start`, Buffer.concat([Buffer.from(start, 'hex'), noise(900)]));
  }
  for (const [name, text] of Object.entries(TEXTS)) add(name, Buffer.from(text));
  const of = (/** @type {string} */ format) => Buffer.from(turned[format]?.[0] ?? '', 'base64');
  for (const [width, height] of /** @type {const} */ ([
    [1, 1],
    [1, 200],
    [200, 1],
    [1, 5000],
    [30_000, 1],
    [0, 5],
  ])) {
    add(
      `png, ${width} x ${height}`,
      make.png(width, height, 0, () => 90),
    );
  }
  for (const side of [5000, 20_000, 70_000, 2 ** 31 - 1]) {
    add(`png, claims ${side} squared`, make.pngHeader(side, side));
  }
  for (const [width, height] of /** @type {const} */ ([
    [400, 300],
    [1, 1],
    [3000, 10],
  ])) {
    add(`avif, claims ${width} x ${height}`, make.avifThatClaims(of('avif'), width, height));
    add(`webp, claims ${width} x ${height}`, make.webpThatClaims(of('webp'), width, height));
    add(`gif, claims ${width} x ${height}`, make.gifThatClaims(make.animatedGif(), width, height));
  }
  for (const frames of [0, 1, 3]) add(`gif, ${frames} frames`, make.animatedGif(frames));
  add('bmp of OS/2', make.os2Bitmap());
  add('jpeg, junk between segments', make.withJunk(of('jpeg')));
  return files;
}

/** A linear congruential generator (Numerical Recipes). @returns {(below: number) => number} */
function generator() {
  let state = 15;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
