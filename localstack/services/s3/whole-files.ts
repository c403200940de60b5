/** Files that are there as a whole or not at all, and what a kill leaves of them. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredObject } from './fauxqs.ts';

/** Sorts by time, and by order within a millisecond. */
export const versionIds = (now: () => number) => {
  let last = '';
  return (): string => {
    let candidate = `${now().toString(36).padStart(9, '0')}00`;
    if (candidate <= last) {
      candidate = (BigInt(Number.parseInt(last, 36)) + 1n).toString(36).padStart(last.length, '0');
    }
    last = candidate;
    return candidate;
  };
};

interface Made {
  readonly versionId?: string;
  readonly lastModified: Date;
}

/** By time, then by id; what was put before versioning is the oldest of its millisecond. */
export const isNewer = (left: Made, right: Made): boolean => {
  const [ours, theirs] = [left.lastModified.getTime(), right.lastModified.getTime()];
  if (ours !== theirs) return ours > theirs;
  const idOf = ({ versionId = NO_VERSION }: Made): string =>
    versionId === NO_VERSION ? '' : versionId;
  return idOf(left) > idOf(right);
};

export const writeWhole = (path: string, content: string | Uint8Array): void => {
  writeFileSync(`${path}.tmp`, content);
  renameSync(`${path}.tmp`, path);
};

export const describeObject = ({ body: _, ...object }: StoredObject): string =>
  JSON.stringify(object);

export const readDescription = (path: string): StoredObject => {
  const stored = JSON.parse(readFileSync(path, 'utf8')) as StoredObject;
  return { ...stored, lastModified: new Date(stored.lastModified), body: Buffer.alloc(0) };
};

export const filesBelow = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

export const NEW = '.meta.json.new';
export const META = '.meta.json';
/** What S3 calls the version of an object that was put before versioning. */
export const NO_VERSION = 'null';

/** Forward from each description that had been renamed; what came less far never happened. */
export const finishPuts = (folder: string): void => {
  for (const path of filesBelow(folder).filter((file) => file.endsWith(NEW))) {
    const stem = path.slice(0, -NEW.length);
    if (existsSync(`${stem}.data.tmp`)) renameSync(`${stem}.data.tmp`, `${stem}.data`);
    renameSync(path, stem + META);
  }
  for (const path of filesBelow(folder).filter((file) => file.endsWith('.tmp'))) rmSync(path);
};
