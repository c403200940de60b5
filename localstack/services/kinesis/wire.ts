import { KinesisError } from '../../engines/kinesis/errors.ts';
import { CborSyntaxError, decodeCbor, encodeCbor } from '../cbor.ts';

/** The engine sees blobs as bytes and instants as Date; the wire has two spellings for them. */
export interface Wire {
  readonly contentType: string;
  readonly decode: (body: Buffer) => Readonly<Record<string, unknown>>;
  readonly encode: (value: Readonly<Record<string, unknown>>) => Buffer;
}

type Fields = Readonly<Record<string, unknown>>;

const BLOB = 'Data';
const INSTANT = 'Timestamp';

const json: Wire = {
  contentType: 'application/x-amz-json-1.1',
  decode: (body) => normalized(body.length === 0 ? {} : JSON.parse(body.toString('utf8')), 1000),
  encode: (value) => Buffer.from(JSON.stringify(jsonValue(value))),
};

const cbor: Wire = {
  contentType: 'application/x-amz-cbor-1.1',
  decode: (body) => normalized(body.length === 0 ? {} : decodeCbor(body), 1),
  encode: encodeCbor,
};

export const wireOf = (contentType: string | undefined): Wire =>
  contentType?.startsWith('application/x-amz-cbor') ? cbor : json;

/** Runs a decoder and calls what it cannot read by AWS's name. */
export const decoded = (wire: Wire, body: Buffer): Fields => {
  try {
    return wire.decode(body);
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof CborSyntaxError)
      throw new KinesisError('SerializationException', cause.message);
    throw cause;
  }
};

const normalized = (value: unknown, instantUnitMs: number): Fields => {
  if (!isFields(value)) throw new SyntaxError('the body is not an object');
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, fieldValue(name, field, instantUnitMs)]),
  );
};

const fieldValue = (name: string, value: unknown, instantUnitMs: number): unknown => {
  if (name === BLOB && typeof value === 'string') return Buffer.from(value, 'base64');
  if (name === INSTANT && typeof value === 'number') return new Date(value * instantUnitMs);
  if (name === 'Records' && Array.isArray(value))
    return value.map((item) => (isFields(item) ? normalized(item, instantUnitMs) : item));
  if (name === 'ShardFilter' && isFields(value)) return normalized(value, instantUnitMs);
  return value;
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Uint8Array);

const jsonValue = (value: unknown): unknown => {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, jsonValue(field)]));
};
