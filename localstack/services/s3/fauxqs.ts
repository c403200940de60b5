/**
 * The parts of fauxqs that we drive. It exports only its app; the stores behind it load by the
 * app's own address, so that objects can be kept by our files (object-files.ts) instead of its.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** An object as fauxqs holds it, and what our files add: a version and a storage class. */
export interface StoredObject {
  key: string;
  body: Buffer;
  contentType: string;
  contentLength: number;
  etag: string;
  lastModified: Date;
  metadata: Record<string, string>;
  contentLanguage?: string;
  contentDisposition?: string;
  cacheControl?: string;
  contentEncoding?: string;
  parts?: readonly {
    readonly partNumber: number;
    readonly offset: number;
    readonly length: number;
  }[];
  checksumAlgorithm?: string;
  checksumValue?: string;
  checksumType?: string;
  partChecksums?: readonly string[];
  versionId?: string;
  storageClass?: string;
}

export interface StoredPart {
  readonly partNumber: number;
  readonly body: Buffer;
  readonly etag: string;
  readonly lastModified: Date;
  readonly checksumValue?: string;
}

export interface StoredUpload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: Date;
  readonly parts: Map<number, StoredPart>;
  readonly [other: string]: unknown;
}

/** What fauxqs calls when its state changes, each before it answers. */
export interface ObjectPersistence {
  readonly insertBucket: (name: string, createdAt: Date, type: string) => void;
  readonly deleteBucket: (name: string) => void;
  readonly saveBucketLifecycleConfiguration: (bucket: string, config: string) => void;
  readonly deleteBucketLifecycleConfiguration: (bucket: string) => void;
  readonly upsertObject: (bucket: string, object: StoredObject) => void;
  readonly deleteObject: (bucket: string, key: string) => void;
  readonly readBody: (bucket: string, key: string) => Buffer;
  readonly insertMultipartUpload: (upload: StoredUpload) => void;
  readonly upsertMultipartPart: (uploadId: string, part: StoredPart) => void;
  readonly deleteMultipartUpload: (uploadId: string) => void;
  readonly completeMultipartUpload: (
    uploadId: string,
    bucket: string,
    object: StoredObject,
  ) => void;
}

export interface ObjectStore {
  persistence?: ObjectPersistence;
  readonly buckets: ReadonlyMap<string, ReadonlyMap<string, StoredObject>>;
  readonly multipartUploads: ReadonlyMap<string, StoredUpload>;
  readonly createBucket: (name: string, type?: string) => void;
  readonly setBucketCreationDate: (name: string, at: Date) => void;
  readonly hasBucket: (name: string) => boolean;
  readonly restoreObject: (bucket: string, object: StoredObject) => void;
  readonly restoreMultipartUpload: (upload: StoredUpload) => void;
  readonly putObject: (
    bucket: string,
    key: string,
    body: Buffer,
    contentType?: string,
    metadata?: Record<string, string>,
    system?: { readonly contentEncoding?: string },
  ) => StoredObject;
  readonly deleteObject: (bucket: string, key: string) => void;
  readonly abortMultipartUpload: (uploadId: string) => void;
}

export interface FrontRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly params: { readonly bucket?: string; readonly '*'?: string };
  readonly query: Readonly<Record<string, string | undefined>>;
}

export interface FrontReply {
  readonly header: (name: string, value: string | number) => FrontReply;
  readonly status: (code: number) => FrontReply;
  readonly send: (body?: string | Buffer) => FrontReply;
}

export interface FauxqsApp {
  readonly ready: () => Promise<unknown>;
  readonly close: () => Promise<unknown>;
  readonly routing: (request: IncomingMessage, response: ServerResponse) => void;
  readonly addHook: {
    (
      name: 'preHandler',
      hook: (request: FrontRequest, reply: FrontReply, done: () => void) => unknown,
    ): void;
    (
      name: 'onSend',
      hook: (
        request: FrontRequest,
        reply: FrontReply,
        payload: unknown,
        done: (fault: null, payload: unknown) => void,
      ) => unknown,
    ): void;
  };
}

type Constructor<T> = new () => T;

export interface Fauxqs {
  readonly app: FauxqsApp;
  readonly objects: ObjectStore;
}

const APP = import.meta.resolve('fauxqs');

const internal = async <T>(file: string, name: string): Promise<Constructor<T>> => {
  const module = (await import(new URL(file, APP).href)) as Record<string, Constructor<T>>;
  const found = module[name];
  if (found === undefined) throw new Error(`fauxqs has no ${name}`);
  return found;
};

export const loadFauxqs = async (defaultRegion: string): Promise<Fauxqs> => {
  const { buildApp } = (await import(APP)) as { buildApp: (options: object) => FauxqsApp };
  const [S3Store, SqsStore, SnsStore] = await Promise.all([
    internal<ObjectStore>('./s3/s3Store.js', 'S3Store'),
    internal<object>('./sqs/sqsStore.js', 'SqsStore'),
    internal<object>('./sns/snsStore.js', 'SnsStore'),
  ]);
  const objects = new S3Store();
  const stores = { s3Store: objects, sqsStore: new SqsStore(), snsStore: new SnsStore() };
  return { app: buildApp({ logger: false, defaultRegion, stores }), objects };
};
