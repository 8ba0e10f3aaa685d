/**
 * A large JPEG (baseline, 4:2:0) without an encoder: noise written straight into the entropy-coded
 * data. Rows of blocks stand between restart markers, so a few of them can be repeated for ever.
 * The same bytes on every machine.
 */

/** Different rows of blocks; the picture repeats them in a fixed order. */
const ROWS = 16;
/** AC coefficients per block, so that a megapixel weighs about as much as in a photograph. */
const COEFFICIENTS = 14;
/** Not 0, which would end the block. */
const NOISE = [-3, -2, -1, 1, 2, 3];

/**
 * @param {number} width a multiple of 16
 * @param {number} height a multiple of 16
 * @returns {Buffer}
 */
export function largeJpeg(width, height) {
  if (width % 16 !== 0 || height % 16 !== 0) throw new Error('Whole blocks of 16 pixels only.');
  const random = generator();
  const columns = width / 16;
  const rows = Array.from({ length: ROWS }, () => rowOf(columns, random));
  const scan = [];
  for (let row = 0; row < height / 16; row++) {
    if (row > 0) scan.push(Buffer.from([0xff, 0xd0 + ((row - 1) % 8)]));
    scan.push(rows[(row * 7 + (row >> 4)) % ROWS] ?? Buffer.alloc(0));
  }
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, [0, 12, ...Array.from({ length: 63 }, () => 4)]),
    segment(0xc0, [8, ...u16(height), ...u16(width), 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]),
    segment(0xc4, [0x00, ...table(LENGTHS)]),
    segment(0xc4, [0x10, ...table(LENGTHS)]),
    segment(0xdd, u16(columns)),
    segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
    ...scan,
    Buffer.from([0xff, 0xd9]),
  ]);
}

/**
 * Symbols of both Huffman tables, lengths of numbers in bits: all have codes of 4 bits, in this
 * order. Among AC coefficients 0 is the end of the block.
 */
const LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7];

/** Sixteen counts, then the symbols. @param {readonly number[]} symbols */
function table(symbols) {
  return [0, 0, 0, symbols.length, ...Array.from({ length: 12 }, () => 0), ...symbols];
}

/** One row of macroblocks: four blocks of luminance, two of colour each. @param {number} columns @param {() => number} random */
function rowOf(columns, random) {
  const { bytes, write, end } = bitWriter();
  /** The level of each component stands as a difference to the block before. */
  const levels = [0, 0, 0];
  for (let column = 0; column < columns; column++) {
    for (const component of [0, 0, 0, 0, 1, 2]) {
      const wanted = Math.floor(random() * 120) - 60;
      number(write, wanted - (levels[component] ?? 0));
      levels[component] = wanted;
      for (let i = 0; i < COEFFICIENTS; i++)
        number(write, NOISE[Math.floor(random() * NOISE.length)] ?? 1);
      write(0, 4);
    }
  }
  end();
  return Buffer.from(bytes);
}

/** Its length in bits as a symbol, then the bits. @param {(value: number, bits: number) => void} write @param {number} value */
function number(write, value) {
  const size = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1;
  write(size, 4);
  if (size > 0) write(value > 0 ? value : value + 2 ** size - 1, size);
}

function bitWriter() {
  /** @type {number[]} */
  const bytes = [];
  let kept = 0;
  let count = 0;
  const write = (/** @type {number} */ value, /** @type {number} */ bits) => {
    kept = (kept << bits) | value;
    count += bits;
    while (count >= 8) {
      const byte = (kept >> (count - 8)) & 0xff;
      bytes.push(byte);
      // A byte 0xff would begin a marker.
      if (byte === 0xff) bytes.push(0);
      count -= 8;
    }
    kept &= (1 << count) - 1;
  };
  return {
    bytes,
    write,
    /** Fills the last byte with ones. */
    end: () => count > 0 && write((1 << (8 - count)) - 1, 8 - count),
  };
}

/** @param {number} marker @param {readonly number[]} body */
function segment(marker, body) {
  return Buffer.from([0xff, marker, ...u16(body.length + 2), ...body]);
}

/** @param {number} value */
function u16(value) {
  return [value >> 8, value & 0xff];
}

/** Numbers from 0 to 1 (mulberry32). */
function generator(state = 1) {
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
