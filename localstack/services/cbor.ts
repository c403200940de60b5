/**
 * The part of RFC 8949 that AWS's CBOR 1.1 uses: the Java SDK, and with it KCL and Flink's
 * connector, speaks it to Kinesis. Instants are integers of milliseconds, bare or under tag 1.
 * Smithy's CBOR, which the AWS CLI speaks to CloudWatch, has seconds under tag 1: `EpochSeconds`.
 */
const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6 } as const;
const BREAK = 0xff;
const INDEFINITE = 31;
const DEPTH_MAX = 32;

export class CborSyntaxError extends Error {
  override readonly name = 'CborSyntaxError';
}

/** An instant of Smithy's CBOR. */
export class EpochSeconds {
  readonly seconds: number;

  constructor(seconds: number) {
    this.seconds = seconds;
  }
}

export const encodeCbor = (value: unknown): Buffer => {
  const parts: Uint8Array[] = [];
  encodeInto(parts, value);
  return Buffer.concat(parts);
};

const encodeInto = (parts: Uint8Array[], value: unknown): void => {
  if (value === null || value === undefined) parts.push(Uint8Array.of(0xf6));
  else if (typeof value === 'boolean') parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
  else if (typeof value === 'number') parts.push(encodeNumber(value));
  else if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    parts.push(head(MAJOR.text, text.length), text);
  } else if (value instanceof Uint8Array) parts.push(head(MAJOR.bytes, value.length), value);
  else if (value instanceof Date) parts.push(encodeNumber(value.getTime()));
  else if (value instanceof EpochSeconds) {
    parts.push(head(MAJOR.tag, 1), encodeNumber(value.seconds));
  } else if (Array.isArray(value)) {
    parts.push(head(MAJOR.array, value.length));
    for (const item of value) encodeInto(parts, item);
  } else {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    parts.push(head(MAJOR.map, fields.length));
    for (const [name, field] of fields) {
      encodeInto(parts, name);
      encodeInto(parts, field);
    }
  }
};

const encodeNumber = (value: number): Uint8Array => {
  if (Number.isSafeInteger(value))
    return value >= 0 ? head(MAJOR.unsigned, value) : head(MAJOR.negative, -1 - value);
  const float = Buffer.alloc(9);
  float[0] = 0xfb;
  float.writeDoubleBE(value, 1);
  return float;
};

const head = (major: number, length: number): Uint8Array => {
  const type = major << 5;
  if (length < 24) return Uint8Array.of(type | length);
  if (length < 0x100) return Uint8Array.of(type | 24, length);
  const buffer = Buffer.alloc(length < 0x10000 ? 3 : length < 0x100000000 ? 5 : 9);
  buffer[0] = type | (buffer.length === 3 ? 25 : buffer.length === 5 ? 26 : 27);
  if (buffer.length === 3) buffer.writeUInt16BE(length, 1);
  else if (buffer.length === 5) buffer.writeUInt32BE(length, 1);
  else buffer.writeBigUInt64BE(BigInt(length), 1);
  return buffer;
};

export const decodeCbor = (bytes: Buffer): unknown => {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (!reader.finished) throw new CborSyntaxError('bytes after the value');
  return value;
};

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get finished(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): unknown {
    if (depth > DEPTH_MAX) throw new CborSyntaxError('nested too deeply');
    const first = this.#take(1).readUInt8();
    const info = first & 31;
    switch (first >> 5) {
      case MAJOR.unsigned:
        return this.#argument(info);
      case MAJOR.negative:
        return -1 - this.#argument(info);
      case MAJOR.bytes:
        return this.#chunks(MAJOR.bytes, info);
      case MAJOR.text:
        return this.#chunks(MAJOR.text, info).toString('utf8');
      case MAJOR.array:
        return this.#items(info, () => this.value(depth + 1));
      case MAJOR.map:
        return this.#map(info, depth);
      case MAJOR.tag:
        this.#argument(info);
        return this.value(depth + 1);
      default:
        return this.#simple(info);
    }
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new CborSyntaxError('the value ends too early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #argument(info: number): number {
    if (info < 24) return info;
    if (info === 24) return this.#take(1).readUInt8();
    if (info === 25) return this.#take(2).readUInt16BE();
    if (info === 26) return this.#take(4).readUInt32BE();
    if (info === 27) return Number(this.#take(8).readBigUInt64BE());
    throw new CborSyntaxError(`reserved length ${info}`);
  }

  #chunks(major: number, info: number): Buffer {
    if (info !== INDEFINITE) return this.#take(this.#argument(info));
    const chunks: Buffer[] = [];
    while (!this.#atBreak()) {
      const first = this.#take(1).readUInt8();
      if (first >> 5 !== major) throw new CborSyntaxError('a chunk of another type');
      chunks.push(this.#take(this.#argument(first & 31)));
    }
    return Buffer.concat(chunks);
  }

  #items<T>(info: number, item: () => T): readonly T[] {
    const items: T[] = [];
    if (info === INDEFINITE) while (!this.#atBreak()) items.push(item());
    else for (let left = this.#argument(info); left > 0; left -= 1) items.push(item());
    return items;
  }

  #map(info: number, depth: number): Readonly<Record<string, unknown>> {
    const pairs = this.#items(info, () => [String(this.value(depth + 1)), this.value(depth + 1)]);
    return Object.fromEntries(pairs);
  }

  #atBreak(): boolean {
    if (this.#bytes[this.#at] !== BREAK) return false;
    this.#at += 1;
    return true;
  }

  #simple(info: number): unknown {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22 || info === 23) return null;
    if (info === 26) return this.#take(4).readFloatBE();
    if (info === 27) return this.#take(8).readDoubleBE();
    throw new CborSyntaxError(`unsupported simple value ${info}`);
  }
}
