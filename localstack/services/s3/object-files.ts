/**
 * Objects as plain files, each there as a whole or not at all, whenever the process is killed.
 *
 *   buckets/<bucket>/objects/<key>.data  .meta.json      the present version (DuckDB reads these)
 *   buckets/<bucket>/versions/<key>/<version>.data  .meta.json    the earlier ones, and delete markers
 *
 * A put writes both files aside, then renames the description to `.meta.json.new`: from there on it
 * has happened, and a start after a kill finishes it.
 */
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type {
  ObjectPersistence,
  ObjectStore,
  StoredObject,
  StoredPart,
  StoredUpload,
} from './fauxqs.ts';
import { keyPath } from './object-paths.ts';
import { type UploadFiles, uploadFiles } from './upload-files.ts';
import {
  describeObject,
  filesBelow,
  finishPuts,
  isNewer,
  META,
  NEW,
  NO_VERSION,
  readDescription,
  versionIds,
  writeWhole,
} from './whole-files.ts';

/** A version that is not the present one; a marker says that the key was deleted then. */
export interface Version {
  readonly versionId: string;
  readonly lastModified: Date;
  readonly deleteMarker: boolean;
  readonly object?: StoredObject;
}

export interface Outcome {
  readonly versionId: string;
  readonly deleteMarker: boolean;
}

export class ObjectFiles implements ObjectPersistence {
  private readonly root: string;
  private readonly now: () => number;
  private readonly uploads: UploadFiles;
  private readonly versioned = new Set<string>();
  /** By bucket and key, newest first. */
  private readonly earlier = new Map<string, Map<string, readonly Version[]>>();
  private readonly present = new Map<string, Map<string, StoredObject>>();
  private readonly nextVersion: () => string;
  private outcome: Outcome | undefined;

  constructor(root: string, now: () => number) {
    this.root = join(root, 'buckets');
    this.now = now;
    this.nextVersion = versionIds(now);
    mkdirSync(this.root, { recursive: true });
    this.uploads = uploadFiles(join(root, 'uploads'));
  }

  private stem(bucket: string, key: string): string {
    return join(this.root, bucket, 'objects', keyPath(key));
  }

  private versionStem(bucket: string, key: string, versionId: string): string {
    return join(this.root, bucket, 'versions', `${keyPath(key)}%v`, versionId);
  }

  private presentIn(bucket: string): Map<string, StoredObject> {
    const found = this.present.get(bucket) ?? new Map<string, StoredObject>();
    this.present.set(bucket, found);
    return found;
  }

  private remember(bucket: string, key: string, version: Version): void {
    const keys = this.earlier.get(bucket) ?? new Map<string, readonly Version[]>();
    this.earlier.set(bucket, keys);
    const others = this.versions(bucket, key).filter(
      (other) => other.versionId !== version.versionId,
    );
    const newestFirst = [...others, version].sort((left, right) => (isNewer(left, right) ? -1 : 1));
    keys.set(key, newestFirst);
  }

  /** Linked, not moved: the present version stays where it is until the next one has replaced it. */
  private keepPresent(bucket: string, key: string): void {
    const object = this.presentIn(bucket).get(key);
    if (object === undefined || !this.versioned.has(bucket)) return;
    const versionId = object.versionId ?? NO_VERSION;
    const to = this.versionStem(bucket, key, versionId);
    mkdirSync(dirname(to), { recursive: true });
    rmSync(`${to}.data`, { force: true });
    linkSync(`${this.stem(bucket, key)}.data`, `${to}.data`);
    writeWhole(to + META, describeObject(object));
    const { lastModified } = object;
    this.remember(bucket, key, { versionId, lastModified, deleteMarker: false, object });
  }

  upsertObject(bucket: string, object: StoredObject): void {
    const stem = this.stem(bucket, object.key);
    object.lastModified = new Date(this.now());
    if (this.versioned.has(bucket)) object.versionId = this.nextVersion();
    this.keepPresent(bucket, object.key);
    mkdirSync(dirname(stem), { recursive: true });
    writeFileSync(`${stem}.data.tmp`, object.body);
    writeWhole(stem + NEW, describeObject(object));
    renameSync(`${stem}.data.tmp`, `${stem}.data`);
    renameSync(stem + NEW, stem + META);
    this.presentIn(bucket).set(object.key, { ...object, body: Buffer.alloc(0) });
    const { versionId } = object;
    this.outcome = versionId === undefined ? undefined : { versionId, deleteMarker: false };
  }

  private removePresent(bucket: string, key: string): void {
    const stem = this.stem(bucket, key);
    // The description first: without it the object is gone, whatever lies beside.
    rmSync(stem + META, { force: true });
    rmSync(`${stem}.data`, { force: true });
    this.presentIn(bucket).delete(key);
  }

  private mark(bucket: string, key: string): void {
    const versionId = this.nextVersion();
    const lastModified = new Date(this.now());
    const to = this.versionStem(bucket, key, versionId);
    mkdirSync(dirname(to), { recursive: true });
    writeWhole(to + META, JSON.stringify({ key, versionId, lastModified, deleteMarker: true }));
    this.remember(bucket, key, { versionId, lastModified, deleteMarker: true });
    this.outcome = { versionId, deleteMarker: true };
  }

  deleteObject(bucket: string, key: string): void {
    this.outcome = undefined;
    if (this.versioned.has(bucket)) {
      this.keepPresent(bucket, key);
      this.mark(bucket, key);
    }
    this.removePresent(bucket, key);
  }

  /** Reads what is on disk into fauxqs, and finishes what a kill had cut off. */
  load(store: ObjectStore): void {
    for (const bucket of readdirSync(this.root)) {
      if (existsSync(join(this.root, bucket, '.bucket.json'))) this.loadBucket(store, bucket);
    }
    this.uploads.load(store);
  }

  private loadBucket(store: ObjectStore, bucket: string): void {
    const folder = join(this.root, bucket, 'objects');
    const description = readFileSync(join(this.root, bucket, '.bucket.json'), 'utf8');
    const { creationDate } = JSON.parse(description) as { readonly creationDate: string };
    store.createBucket(bucket);
    store.setBucketCreationDate(bucket, new Date(creationDate));
    finishPuts(folder);
    finishPuts(join(this.root, bucket, 'versions'));
    for (const path of filesBelow(folder).filter((file) => file.endsWith(META))) {
      const object = readDescription(path);
      this.presentIn(bucket).set(object.key, object);
    }
    this.loadVersions(bucket);
    for (const object of this.presentIn(bucket).values()) store.restoreObject(bucket, object);
  }

  private loadVersions(bucket: string): void {
    const folder = join(this.root, bucket, 'versions');
    for (const path of filesBelow(folder).filter((file) => file.endsWith(META))) {
      const object = readDescription(path);
      const { key, lastModified, versionId = NO_VERSION } = object;
      const deleteMarker = 'deleteMarker' in object;
      // A kill between keeping the present version and replacing it leaves it in both places.
      const isPresent = this.presentIn(bucket).get(key)?.versionId === object.versionId;
      if (isPresent && !deleteMarker) continue;
      const body = deleteMarker ? {} : { object };
      this.remember(bucket, key, { versionId, lastModified, deleteMarker, ...body });
    }
    for (const [key, [newest]] of this.earlier.get(bucket) ?? []) {
      const object = this.presentIn(bucket).get(key);
      if (object === undefined || newest?.deleteMarker !== true) continue;
      // A kill between the marker and the removal: the marker is what counts.
      if (isNewer(newest, object)) this.removePresent(bucket, key);
    }
  }

  insertBucket(name: string, createdAt: Date, type: string): void {
    mkdirSync(join(this.root, name, 'objects'), { recursive: true });
    const description = { name, creationDate: createdAt.toISOString(), type };
    writeWhole(join(this.root, name, '.bucket.json'), JSON.stringify(description));
  }

  deleteBucket(name: string): void {
    rmSync(join(this.root, name), { recursive: true, force: true });
    this.present.delete(name);
    this.earlier.delete(name);
  }

  /** The template says the lifecycle, at each start. */
  saveBucketLifecycleConfiguration(): void {}
  deleteBucketLifecycleConfiguration(): void {}

  readBody(bucket: string, key: string): Buffer {
    return readFileSync(`${this.stem(bucket, key)}.data`);
  }

  insertMultipartUpload(upload: StoredUpload): void {
    this.uploads.insertMultipartUpload(upload);
  }

  upsertMultipartPart(uploadId: string, part: StoredPart): void {
    this.uploads.upsertMultipartPart(uploadId, part);
  }

  deleteMultipartUpload(uploadId: string): void {
    this.uploads.deleteMultipartUpload(uploadId);
  }

  completeMultipartUpload(uploadId: string, bucket: string, object: StoredObject): void {
    this.upsertObject(bucket, object);
    this.uploads.deleteMultipartUpload(uploadId);
  }

  setVersioned(bucket: string, on: boolean): void {
    if (on) this.versioned.add(bucket);
    else this.versioned.delete(bucket);
  }

  isVersioned(bucket: string): boolean {
    return this.versioned.has(bucket);
  }

  /** The earlier versions of a key, newest first. */
  versions(bucket: string, key: string): readonly Version[] {
    return this.earlier.get(bucket)?.get(key) ?? [];
  }

  versionedKeys(bucket: string): readonly string[] {
    return [...(this.earlier.get(bucket)?.keys() ?? [])];
  }

  readVersion(bucket: string, key: string, versionId: string): Buffer {
    return readFileSync(`${this.versionStem(bucket, key, versionId)}.data`);
  }

  deleteVersion(bucket: string, key: string, versionId: string): void {
    const stem = this.versionStem(bucket, key, versionId);
    rmSync(stem + META, { force: true });
    rmSync(`${stem}.data`, { force: true });
    const rest = this.versions(bucket, key).filter((version) => version.versionId !== versionId);
    if (rest.length > 0) this.earlier.get(bucket)?.set(key, rest);
    else this.earlier.get(bucket)?.delete(key);
  }

  /** Makes an earlier version the present one again. */
  revive(bucket: string, object: StoredObject): StoredObject {
    const versionId = object.versionId ?? NO_VERSION;
    const from = this.versionStem(bucket, object.key, versionId);
    linkSync(`${from}.data`, `${this.stem(bucket, object.key)}.data`);
    this.describe(bucket, object);
    this.deleteVersion(bucket, object.key, versionId);
    return object;
  }

  /** Writes what is said of the present version anew; its bytes stay. */
  describe(bucket: string, object: StoredObject): void {
    writeWhole(this.stem(bucket, object.key) + META, describeObject(object));
    this.presentIn(bucket).set(object.key, object);
  }

  /** The version that the last put or delete made, once. */
  takeOutcome(): Outcome | undefined {
    const taken = this.outcome;
    this.outcome = undefined;
    return taken;
  }
}
