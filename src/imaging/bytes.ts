/** Reading numbers out of the first bytes of a file. */

/** Bytes that are not there read as 0; look at `length` where that matters. */
export class Bytes {
  readonly length: number;
  readonly #view: DataView;

  constructor(data: ArrayBuffer) {
    this.#view = new DataView(data);
    this.length = data.byteLength;
  }

  u8(at: number): number {
    return at < this.length ? this.#view.getUint8(at) : 0;
  }

  u16(at: number, littleEndian = false): number {
    return at + 2 <= this.length ? this.#view.getUint16(at, littleEndian) : 0;
  }

  u24le(at: number): number {
    return this.u8(at) | (this.u8(at + 1) << 8) | (this.u8(at + 2) << 16);
  }

  u32(at: number, littleEndian = false): number {
    return at + 4 <= this.length ? this.#view.getUint32(at, littleEndian) : 0;
  }

  /** Latin-1. */
  text(at: number, length: number): string {
    return Array.from({ length }, (_, i) => String.fromCodePoint(this.u8(at + i))).join('');
  }

  /** Where a Latin-1 text stands from `from` on, or -1. */
  find(text: string, from = 0, to = this.length): number {
    const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    const { buffer, byteOffset } = this.#view;
    const bytes = new Uint8Array(buffer, byteOffset, Math.min(to, this.length));
    const [first = 0] = codes;
    for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
      if (codes.every((code, i) => bytes[at + i] === code)) return at;
    }
    return -1;
  }
}
