/**
 * What S3 does and fauxqs does not, in front of it: conditional writes, versions, and listings in
 * S3's own order. The check of a condition and the write are one turn of the event loop, so no
 * other request comes between them.
 */
import type { Fauxqs, FrontReply, FrontRequest, StoredObject } from './fauxqs.ts';
import { type Entry, listPage, xmlElements } from './listing.ts';
import type { ObjectFiles } from './object-files.ts';

const ENTRIES_MAX = 1_000;

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const sendXml = (reply: FrontReply, status: number, body: string): FrontReply =>
  reply
    .status(status)
    .header('content-type', 'application/xml')
    .send(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`);

const refuse = (reply: FrontReply, { status, code, message }: Refusal): FrontReply =>
  sendXml(reply, status, `<Error>${xmlElements({ Code: code, Message: message })}</Error>`);

const NO_KEY = { status: 404, code: 'NoSuchKey', message: 'The specified key does not exist.' };
const NO_VERSION = {
  status: 404,
  code: 'NoSuchVersion',
  message: 'The specified version does not exist.',
};
const PRECONDITION = {
  status: 412,
  code: 'PreconditionFailed',
  message: 'At least one of the pre-conditions you specified did not hold',
};

/** Why a write may not happen, by the present object. */
const failedCondition = (
  request: FrontRequest,
  present: StoredObject | undefined,
): Refusal | undefined => {
  const { 'if-none-match': ifNone, 'if-match': ifMatch } = request.headers;
  if (ifNone === '*' && present !== undefined) return PRECONDITION;
  if (ifMatch === undefined) return undefined;
  if (present === undefined) return NO_KEY;
  return ifMatch.replaceAll('"', '') === present.etag.replaceAll('"', '')
    ? undefined
    : PRECONDITION;
};

const isWrite = ({ method, query }: FrontRequest): boolean =>
  (method === 'PUT' && query.uploadId === undefined) ||
  (method === 'POST' && query.uploadId !== undefined);

/** Keys as the client asked for them: plain, or encoded so that any letter survives XML. */
const keyWriter = (query: FrontRequest['query']) =>
  query['encoding-type'] === 'url'
    ? (key: string) => encodeURIComponent(key).replaceAll('%2F', '/')
    : (key: string) => key;

const prefixesXml = (entries: readonly Entry<unknown>[], write: (key: string) => string): string =>
  entries
    .filter(({ kind }) => kind === 'prefix')
    .map(({ key }) => `<CommonPrefixes>${xmlElements({ Prefix: write(key) })}</CommonPrefixes>`)
    .join('');

const objectXml = (object: StoredObject, write: (key: string) => string): string =>
  xmlElements({
    Key: write(object.key),
    LastModified: object.lastModified.toISOString(),
    ETag: object.etag,
    Size: object.contentLength,
    StorageClass: object.storageClass ?? 'STANDARD',
  });

const tokenOf = (next: object): string => Buffer.from(JSON.stringify(next)).toString('base64url');

const startOf = (query: FrontRequest['query']): { after: string; afterPrefix: boolean } => {
  const token = query['continuation-token'];
  if (token === undefined) return { after: query['start-after'] ?? '', afterPrefix: false };
  return JSON.parse(Buffer.from(token, 'base64url').toString());
};

const entriesMax = (query: FrontRequest['query']): number =>
  Math.min(ENTRIES_MAX, Number.parseInt(query['max-keys'] ?? String(ENTRIES_MAX), 10));

const listObjects = (
  objects: ReadonlyMap<string, StoredObject>,
  bucket: string,
  query: FrontRequest['query'],
): string => {
  const write = keyWriter(query);
  const { prefix = '', delimiter = '' } = query;
  const { entries, next } = listPage(objects, {
    prefix,
    delimiter,
    entriesMax: entriesMax(query),
    ...startOf(query),
  });
  const contents = entries.flatMap((entry) =>
    entry.kind === 'object' ? [`<Contents>${objectXml(entry.value, write)}</Contents>`] : [],
  );
  const head = xmlElements({
    Name: bucket,
    Prefix: write(prefix),
    Delimiter: delimiter === '' ? undefined : write(delimiter),
    MaxKeys: entriesMax(query),
    KeyCount: entries.length,
    EncodingType: query['encoding-type'],
    StartAfter: query['start-after'],
    ContinuationToken: query['continuation-token'],
    NextContinuationToken: next === undefined ? undefined : tokenOf(next),
    IsTruncated: next !== undefined,
  });
  const body = head + contents.join('') + prefixesXml(entries, write);
  return `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body}</ListBucketResult>`;
};

export class Front {
  private readonly fauxqs: Fauxqs;
  private readonly files: ObjectFiles;

  constructor(fauxqs: Fauxqs, files: ObjectFiles) {
    this.fauxqs = fauxqs;
    this.files = files;
  }

  install(): void {
    this.fauxqs.app.addHook('preHandler', (request, reply, done) => {
      if (request.params.bucket === undefined || !this.serve(request, reply)) done();
    });
    this.fauxqs.app.addHook('onSend', (request, reply, payload, done) => {
      if (request.method !== 'GET') this.nameVersion(reply);
      done(null, payload);
    });
  }

  private nameVersion(reply: FrontReply): void {
    const outcome = this.files.takeOutcome();
    if (outcome === undefined) return;
    reply.header('x-amz-version-id', outcome.versionId);
    if (outcome.deleteMarker) reply.header('x-amz-delete-marker', 'true');
  }

  /** Answers what fauxqs would get wrong; false leaves the request to it. */
  private serve(request: FrontRequest, reply: FrontReply): boolean {
    const { bucket = '', '*': key = '' } = request.params;
    const objects = this.fauxqs.objects.buckets.get(bucket);
    if (objects === undefined) return false;
    if (key === '') return this.serveBucket(bucket, objects, request, reply);
    if (isWrite(request)) {
      const failed = failedCondition(request, objects.get(key));
      if (failed !== undefined) refuse(reply, failed);
      return failed !== undefined;
    }
    if (request.query.versionId !== undefined) {
      this.serveVersion(bucket, key, request, reply);
      return true;
    }
    const present = objects.get(key);
    if (present?.versionId !== undefined) reply.header('x-amz-version-id', present.versionId);
    if (present?.storageClass !== undefined)
      reply.header('x-amz-storage-class', present.storageClass);
    return false;
  }

  private serveBucket(
    bucket: string,
    objects: ReadonlyMap<string, StoredObject>,
    request: FrontRequest,
    reply: FrontReply,
  ): boolean {
    const { method, query } = request;
    if (method !== 'GET' || 'lifecycle' in query) return false;
    if ('versioning' in query) {
      const status = this.files.isVersioned(bucket) ? { Status: 'Enabled' } : {};
      const body = `<VersioningConfiguration>${xmlElements(status)}</VersioningConfiguration>`;
      sendXml(reply, 200, body);
    } else if ('location' in query) sendXml(reply, 200, '<LocationConstraint/>');
    else if ('versions' in query) sendXml(reply, 200, this.listVersions(bucket, objects, query));
    else if (query['list-type'] === '2') sendXml(reply, 200, listObjects(objects, bucket, query));
    else return false;
    return true;
  }

  private listVersions(
    bucket: string,
    objects: ReadonlyMap<string, StoredObject>,
    query: FrontRequest['query'],
  ): string {
    const write = keyWriter(query);
    const keys = new Set([...objects.keys(), ...this.files.versionedKeys(bucket)]);
    const { prefix = '', delimiter = '', 'key-marker': after = '' } = query;
    const page = { prefix, delimiter, entriesMax: entriesMax(query), after, afterPrefix: false };
    const listed = listPage(
      [...keys].map((key) => [key, key] as const),
      page,
    );
    const rows = listed.entries.flatMap((entry) =>
      entry.kind === 'prefix'
        ? []
        : this.versionRows(bucket, objects.get(entry.key), entry.key, write),
    );
    const head = xmlElements({
      Name: bucket,
      Prefix: write(prefix),
      MaxKeys: page.entriesMax,
      EncodingType: query['encoding-type'],
      IsTruncated: listed.next !== undefined,
      NextKeyMarker: listed.next === undefined ? undefined : write(listed.next.after),
    });
    const body = head + rows.join('') + prefixesXml(listed.entries, write);
    return `<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body}</ListVersionsResult>`;
  }

  private versionRows(
    bucket: string,
    present: StoredObject | undefined,
    key: string,
    write: (key: string) => string,
  ): readonly string[] {
    const row = (name: string, versionId: string, isLatest: boolean, rest: string): string =>
      `<${name}>${xmlElements({ VersionId: versionId, IsLatest: isLatest })}${rest}</${name}>`;
    const first = present
      ? [row('Version', present.versionId ?? 'null', true, objectXml(present, write))]
      : [];
    const earlier = this.files.versions(bucket, key).map((version, index) => {
      const isLatest = present === undefined && index === 0;
      return version.object === undefined
        ? row(
            'DeleteMarker',
            version.versionId,
            isLatest,
            xmlElements({ Key: write(key), LastModified: version.lastModified.toISOString() }),
          )
        : row('Version', version.versionId, isLatest, objectXml(version.object, write));
    });
    return [...first, ...earlier];
  }

  private serveVersion(
    bucket: string,
    key: string,
    request: FrontRequest,
    reply: FrontReply,
  ): void {
    const { versionId = '' } = request.query;
    const present = this.fauxqs.objects.buckets.get(bucket)?.get(key);
    const isPresent = present !== undefined && (present.versionId ?? 'null') === versionId;
    const version = this.files.versions(bucket, key).find((one) => one.versionId === versionId);
    if (request.method === 'DELETE') {
      if (isPresent) this.deletePresentVersion(bucket, key);
      else if (version !== undefined) this.files.deleteVersion(bucket, key, versionId);
      reply.status(204).header('x-amz-version-id', versionId).send();
      return;
    }
    const object = isPresent ? present : version?.object;
    if (object === undefined) {
      refuse(reply, NO_VERSION);
      return;
    }
    const body = isPresent
      ? this.files.readBody(bucket, key)
      : this.files.readVersion(bucket, key, versionId);
    reply
      .header('content-type', object.contentType)
      .header('etag', object.etag)
      .header('last-modified', object.lastModified.toUTCString())
      .header('x-amz-version-id', versionId)
      .header('content-length', object.contentLength);
    if (object.contentEncoding !== undefined)
      reply.header('content-encoding', object.contentEncoding);
    reply.status(200).send(request.method === 'HEAD' ? undefined : body);
  }

  /** Without a marker: the version before it, if it was an object, is the present one again. */
  private deletePresentVersion(bucket: string, key: string): void {
    const [before] = this.files.versions(bucket, key);
    const versioned = this.files.isVersioned(bucket);
    this.files.setVersioned(bucket, false);
    this.fauxqs.objects.deleteObject(bucket, key);
    this.files.setVersioned(bucket, versioned);
    this.files.takeOutcome();
    if (before?.object === undefined) return;
    this.fauxqs.objects.restoreObject(bucket, this.files.revive(bucket, before.object));
  }
}
