/** S3 of the local cloud, objects in plain files. */
import { join } from 'node:path';
import type { LocalService, ObjectSink } from '../../cloud.ts';
import { type Buckets, bucket, bucketPolicy } from './bucket.ts';
import { type Fauxqs, loadFauxqs } from './fauxqs.ts';
import { Front } from './front.ts';
import {
  isExpired,
  isMarkerExpired,
  isOldVersionExpired,
  isUploadAbandoned,
  type LifecycleRule,
  storageClassOf,
} from './lifecycle.ts';
import { ObjectFiles } from './object-files.ts';

export interface S3Options {
  /** The data folder of the local cloud; buckets live in `s3/buckets` below it. */
  readonly dataDir: string;
  readonly clock: { readonly now: () => number };
  readonly region?: string;
  /** How often the lifecycle rules are looked at, in real time; 0 leaves it to `upkeep`. */
  readonly upkeepEveryMs?: number;
  readonly report?: (fault: unknown) => void;
}

export interface S3 extends LocalService {
  /** For writers in this process; durable when the promise resolves. */
  readonly objects: ObjectSink;
  /** Lifecycle rules, judged by the injected clock. */
  readonly upkeep: () => Promise<void>;
  /** Where a bucket's present objects lie as `<key>.data`. */
  readonly objectFolder: (bucket: string) => string;
}

const UPKEEP_EVERY_DEFAULT_MS = 600_000;

interface Parts {
  readonly fauxqs: Fauxqs;
  readonly files: ObjectFiles;
  readonly rules: ReadonlyMap<string, readonly LifecycleRule[]>;
  readonly now: () => number;
}

const ageObjects = (
  { fauxqs, files, now }: Parts,
  name: string,
  rules: readonly LifecycleRule[],
): void => {
  for (const object of [...(fauxqs.objects.buckets.get(name)?.values() ?? [])]) {
    const dated = { key: object.key, sinceMs: object.lastModified.getTime() };
    if (isExpired(rules, dated, now())) {
      fauxqs.objects.deleteObject(name, object.key);
      continue;
    }
    const storageClass = storageClassOf(rules, dated, now());
    if (storageClass === undefined || storageClass === object.storageClass) continue;
    const moved = { ...object, storageClass };
    files.describe(name, moved);
    fauxqs.objects.restoreObject(name, moved);
  }
};

const ageVersions = (
  { fauxqs, files, now }: Parts,
  name: string,
  rules: readonly LifecycleRule[],
): void => {
  for (const key of files.versionedKeys(name)) {
    let next = fauxqs.objects.buckets.get(name)?.get(key)?.lastModified;
    for (const version of [...files.versions(name, key)]) {
      // The newest of a deleted key is not old: it is the marker that hides the rest.
      const replacedAt = next;
      next = version.lastModified;
      if (replacedAt === undefined) continue;
      if (isOldVersionExpired(rules, { key, sinceMs: replacedAt.getTime() }, now())) {
        files.deleteVersion(name, key, version.versionId);
      }
    }
  }
};

const dropMarkers = (
  { fauxqs, files }: Parts,
  name: string,
  rules: readonly LifecycleRule[],
): void => {
  for (const key of files.versionedKeys(name)) {
    const [newest, ...others] = files.versions(name, key);
    const isLone = newest?.deleteMarker === true && others.length === 0;
    const isPresent = fauxqs.objects.buckets.get(name)?.has(key) === true;
    if (isLone && !isPresent && isMarkerExpired(rules, key)) {
      files.deleteVersion(name, key, newest.versionId);
    }
  }
};

const ageUploads = (
  { fauxqs, now }: Parts,
  name: string,
  rules: readonly LifecycleRule[],
): void => {
  for (const upload of [...fauxqs.objects.multipartUploads.values()]) {
    const dated = { key: upload.key, sinceMs: upload.initiated.getTime() };
    if (upload.bucket === name && isUploadAbandoned(rules, dated, now())) {
      fauxqs.objects.abortMultipartUpload(upload.uploadId);
    }
  }
};

const applyRules = (parts: Parts): void => {
  for (const [name, rules] of parts.rules) {
    ageObjects(parts, name, rules);
    ageVersions(parts, name, rules);
    dropMarkers(parts, name, rules);
    ageUploads(parts, name, rules);
    parts.files.takeOutcome();
  }
};

export const createS3 = async (options: S3Options): Promise<S3> => {
  const { dataDir, clock, region = 'us-east-1', report } = options;
  const root = join(dataDir, 's3');
  const files = new ObjectFiles(root, clock.now);
  const fauxqs = await loadFauxqs(region);
  files.load(fauxqs.objects);
  fauxqs.objects.persistence = files;
  new Front(fauxqs, files).install();
  await fauxqs.app.ready();

  const rules = new Map<string, readonly LifecycleRule[]>();
  const parts = { fauxqs, files, rules, now: clock.now };
  const buckets: Buckets = {
    region,
    ensure: (name) => {
      if (!fauxqs.objects.hasBucket(name)) fauxqs.objects.createBucket(name);
    },
    setVersioned: (name, on) => files.setVersioned(name, on),
    setRules: (name, wanted) => rules.set(name, wanted),
  };
  const everyMs = options.upkeepEveryMs ?? UPKEEP_EVERY_DEFAULT_MS;
  const upkeep = async (): Promise<void> => applyRules(parts);
  const timer =
    everyMs > 0
      ? setInterval(() => upkeep().catch((fault) => report?.(fault)), everyMs)
      : undefined;
  timer?.unref();

  return {
    handle: fauxqs.app.routing,
    resourceTypes: [bucket(buckets), bucketPolicy],
    objects: {
      put: async (name, key, body, { contentType, contentEncoding } = {}) => {
        fauxqs.objects.putObject(
          name,
          key,
          Buffer.from(body),
          contentType,
          {},
          { contentEncoding },
        );
        files.takeOutcome();
      },
    },
    upkeep,
    objectFolder: (name) => join(root, 'buckets', name, 'objects'),
    close: async () => {
      clearInterval(timer);
      await fauxqs.app.close();
    },
  };
};
