/** Objects of the local S3 as Athena lists them: plain files, by prefix, with their sizes. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ObjectSink } from '../../cloud.ts';
import { keyPath } from '../s3/object-paths.ts';

export interface StoredObjects extends ObjectSink {
  /** Where a bucket's present objects lie as `<key>.data`. */
  readonly folder: (bucket: string) => string;
}

export interface ObjectFile {
  readonly path: string;
  readonly bytes: number;
}

const DATA = '.data';

export const parseLocation = (
  location: string,
): { readonly bucket: string; readonly key: string } => {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(location) ?? [];
  if (bucket === undefined || key === undefined) {
    throw new Error(`${location} is not of the form s3://bucket/prefix/`);
  }
  return { bucket, key };
};

export const folderOf = (objects: StoredObjects, location: string): string => {
  const { bucket, key } = parseLocation(location);
  return join(objects.folder(bucket), keyPath(key.replace(/\/+$/, '')));
};

/** Names one level below a prefix that ends with a slash. */
export const namesBelow = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
    : [];

/** One that goes while it is listed was not there. */
const sizeOf = (path: string): number | undefined => {
  try {
    return statSync(path).size;
  } catch {
    return undefined;
  }
};

/** As Hive does, what begins with _ or a dot is left out. */
export const filesUnder = (folder: string): readonly ObjectFile[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith(DATA) && !/^[_.]/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
        .flatMap((path) => {
          const bytes = sizeOf(path);
          return bytes === undefined ? [] : [{ path, bytes }];
        })
        .sort((a, b) => (a.path < b.path ? -1 : 1))
    : [];

/** Any object whose key begins with this, hidden ones as well. */
export const anyUnder = (
  objects: StoredObjects,
  location: string,
  counts: (name: string) => boolean = () => true,
): boolean => {
  const folder = folderOf(objects, location);
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { recursive: true }).some(
    (name) => String(name).endsWith(DATA) && counts(basename(String(name))),
  );
};

export const readObject = (objects: StoredObjects, location: string): string | undefined => {
  const { bucket, key } = parseLocation(location);
  const path = `${join(objects.folder(bucket), keyPath(key))}${DATA}`;
  return existsSync(dirname(path)) && existsSync(path) ? readFileSync(path, 'utf8') : undefined;
};
