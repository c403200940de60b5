import { parseOriginKey } from '../core/event/event.ts';
import type { FailedEvent, FailedStage } from '../core/failed/failed-event.ts';
import {
  DISCARDED_FOLDER,
  type KeptStage,
  STAGE_FOLDERS,
  stageOfKey,
} from '../core/failed/failed-keys.ts';
import { type KeptObject, readKept } from '../core/failed/read-failed.ts';
import type { FailedArchive } from '../ports/failed-archive.ts';
import { eachBounded } from '../runtime/each-bounded.ts';

const READS_AT_ONCE = 16;
const PAGE_KEYS = 100;
/** Of one call; a cursor says where to go on. */
export const SCANNED_MAX = 1_000;

export interface Scope {
  /** Absent, every tenant's: for who has the bucket's credentials. */
  readonly tenant?: string;
  readonly discarded?: boolean;
  readonly stage?: FailedStage;
  readonly reason?: string;
  /** The last key that was looked at before. */
  readonly after?: string;
}

export interface Walked {
  readonly found: readonly KeptObject[];
  readonly scanned: number;
  readonly cursor?: string;
}

export const stageOf = (object: KeptObject): KeptStage =>
  object.kind === 'unreadable' ? object.stage : (stageOfKey(object.key) ?? 'collect');

export const reasonsOf = (object: KeptObject): readonly string[] => {
  if (object.kind === 'unreadable') return ['unreadable'];
  return object.kind === 'discarded'
    ? [object.condition]
    : [...new Set(object.events.map(({ reason }) => reason))];
};

const tenantOf = ({ partitionKey, request }: FailedEvent): string | undefined =>
  request?.tenant ?? parseOriginKey(partitionKey ?? '')?.tenant;

/** What cannot be told to be a tenant's is shown to none. */
export const isOf = (object: KeptObject, tenant: string | undefined): boolean => {
  if (tenant === undefined) return true;
  if (object.kind === 'unreadable') return false;
  return object.kind === 'events'
    ? object.events.every((event) => tenantOf(event) === tenant)
    : object.records.every((record) => parseOriginKey(record.partitionKey)?.tenant === tenant);
};

export const readOne = async (
  archive: FailedArchive,
  key: string,
): Promise<KeptObject | undefined> => {
  const stage = stageOfKey(key);
  if (stage === undefined) return undefined;
  const kept = await archive.read(key);
  if (kept.kind === 'missing') return undefined;
  return kept.kind === 'text'
    ? readKept(key, kept.text)
    : { kind: 'unreadable', key, stage, why: `It has ${kept.bytes} bytes: too many to read here.` };
};

/** In the order of the keys; what is gone meanwhile is left out. */
export const readAll = async (
  archive: FailedArchive,
  keys: readonly string[],
): Promise<readonly KeptObject[]> => {
  const read = new Map<string, KeptObject | undefined>();
  await eachBounded(keys, READS_AT_ONCE, async (key) => {
    read.set(key, await readOne(archive, key));
  });
  return keys.flatMap((key) => read.get(key) ?? []);
};

const foldersOf = ({ discarded, stage, after = '' }: Scope): readonly string[] => {
  const all = discarded
    ? [DISCARDED_FOLDER]
    : STAGE_FOLDERS.filter((folder) => stage === undefined || folder === `failed/${stage}/`);
  return all.filter((folder) => folder > after || after.startsWith(folder));
};

/** Objects that are asked for, in the bucket's order, as many as one call may read. */
export const walkFailed = async (
  archive: FailedArchive,
  scope: Scope,
  objectsMax: number,
): Promise<Walked> => {
  const found: KeptObject[] = [];
  let scanned = 0;
  for (const folder of foldersOf(scope)) {
    let { after } = scope;
    for (let more = true; more; ) {
      const page = await archive.list({
        prefix: folder,
        keysMax: Math.min(PAGE_KEYS, SCANNED_MAX - scanned),
        ...(after === undefined ? {} : { after }),
      });
      more = page.more;
      after = page.keys.at(-1)?.key ?? after;
      for (const object of await readAll(
        archive,
        page.keys.map(({ key }) => key),
      )) {
        const isWanted = scope.reason === undefined || reasonsOf(object).includes(scope.reason);
        if (isWanted && isOf(object, scope.tenant)) found.push(object);
        if (found.length === objectsMax) {
          scanned += page.keys.findIndex(({ key }) => key === object.key) + 1;
          return { found, scanned, cursor: object.key };
        }
      }
      scanned += page.keys.length;
      if (scanned >= SCANNED_MAX && after !== undefined) return { found, scanned, cursor: after };
    }
  }
  return { found, scanned };
};
