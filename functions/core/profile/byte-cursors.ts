/** Unsigned integers, highest byte first, one behind the other. */
import { invariant } from '../invariant.ts';

const WORD = 2 ** 32;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export class ByteWriter {
  readonly #view: DataView;
  #at = 0;

  constructor(target: Uint8Array) {
    this.#view = viewOf(target);
  }

  /** Of at most four bytes. */
  small(value: number, bytes: number): void {
    invariant(value >= 0 && value < 256 ** bytes, 'a number fits the bytes that it has');
    for (let shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
      this.#view.setUint8(this.#at, value >>> shift);
      this.#at += 1;
    }
  }

  word(value: number): void {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  /** Of six bytes. */
  hash(value: number): void {
    invariant(value >= 0 && value < 2 ** 48, 'a hash has 48 bits');
    this.#view.setUint16(this.#at, Math.floor(value / WORD));
    this.#view.setUint32(this.#at + 2, value % WORD);
    this.#at += 6;
  }

  /** Of so many words of eight bytes. */
  big(value: bigint, words: number): void {
    invariant(value >> BigInt(words * 64) === 0n, 'a number fits the bytes that it has');
    for (let word = words - 1; word >= 0; word -= 1) {
      this.#view.setBigUint64(this.#at, BigInt.asUintN(64, value >> BigInt(word * 64)));
      this.#at += 8;
    }
  }
}

/** Reading over the end throws. */
export class ByteReader {
  readonly #view: DataView;
  #at = 0;

  constructor(source: Uint8Array) {
    this.#view = viewOf(source);
  }

  isAtEnd(): boolean {
    return this.#at === this.#view.byteLength;
  }

  #step(bytes: number): number {
    const at = this.#at;
    invariant(at + bytes <= this.#view.byteLength, 'a memory is not cut off');
    this.#at = at + bytes;
    return at;
  }

  small(bytes: number): number {
    const at = this.#step(bytes);
    let value = 0;
    for (let place = at; place < at + bytes; place += 1) {
      value = ((value << 8) | this.#view.getUint8(place)) >>> 0;
    }
    return value;
  }

  word(): number {
    return this.#view.getUint32(this.#step(4));
  }

  hash(): number {
    const at = this.#step(6);
    return this.#view.getUint16(at) * WORD + this.#view.getUint32(at + 2);
  }

  big(words: number): bigint {
    const at = this.#step(words * 8);
    let value = 0n;
    for (let word = 0; word < words; word += 1) {
      value = (value << 64n) | this.#view.getBigUint64(at + word * 8);
    }
    return value;
  }
}
