/** UNLOAD: rows as JSON lines, in gzip objects put through S3's own door. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Lake } from './lake.ts';
import { literal } from './lake-tables.ts';
import { anyUnder, parseLocation, type StoredObjects } from './objects.ts';
import { Refusal } from './refusal.ts';
import type { UnloadStatement } from './statement.ts';

const compress = promisify(gzip);

const OBJECTS_MAX = 8;
const OBJECT_BYTES_MIN = 65_536;

const checkOptions = ({ options }: UnloadStatement): void => {
  const { format, compression = 'GZIP', ...more } = options;
  if (format?.toUpperCase() !== 'JSON' || compression.toUpperCase() !== 'GZIP') {
    throw new Refusal('NOT_SUPPORTED', "the local cloud unloads format = 'JSON' by GZIP");
  }
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw new Refusal('NOT_SUPPORTED', `UNLOAD's option ${unknown}`);
};

const LINE_END = 10;

/** Cuts after whole lines, into at most so many parts of at least so many bytes. */
export const cutLines = (
  text: Buffer,
  { partsMax, bytesMin }: { readonly partsMax: number; readonly bytesMin: number },
): readonly Buffer[] => {
  const size = Math.max(bytesMin, Math.ceil(text.length / partsMax));
  const parts: Buffer[] = [];
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(LINE_END, Math.min(start + size, text.length) - 1);
    const next = end < 0 ? text.length : end + 1;
    parts.push(text.subarray(start, next));
    start = next;
  }
  return parts;
};

export interface Unloaded {
  readonly rows: number;
  /** s3://… of each object. */
  readonly objects: readonly string[];
}

interface UnloadOptions {
  readonly objects: StoredObjects;
  readonly scratch: string;
  readonly id: string;
}

export const unload = async (
  lake: Lake,
  statement: UnloadStatement,
  { objects, scratch, id }: UnloadOptions,
): Promise<Unloaded> => {
  checkOptions(statement);
  const to = statement.to.replace(/\/*$/, '/');
  // What this very query wrote before the local cloud ended is written over, part by part.
  if (anyUnder(objects, to, (name) => !name.startsWith(`${id}_`))) {
    throw new Refusal(
      'HIVE_PATH_ALREADY_EXISTS',
      `Target directory already exists: ${to}. You may need to manually clean the data at the location before retrying.`,
    );
  }
  const file = join(scratch, `${id}.json`);
  try {
    const query = lake.toDuck(statement.query);
    const copied = await lake.runDuck(`COPY (${query}) TO ${literal(file)} (FORMAT json)`);
    const text = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    const { bucket, key } = parseLocation(to);
    const written: string[] = [];
    const parts = cutLines(text, { partsMax: OBJECTS_MAX, bytesMin: OBJECT_BYTES_MIN });
    for (const [place, part] of parts.entries()) {
      const name = `${key}${id}_${place}.gz`;
      await objects.put(bucket, name, await compress(part));
      written.push(`s3://${bucket}/${name}`);
    }
    return { rows: copied.rowsChanged, objects: written };
  } finally {
    rmSync(file, { force: true });
  }
};
