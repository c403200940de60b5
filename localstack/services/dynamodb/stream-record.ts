/** What a table stream says about one change, in exactly AWS's shape. */
import { createHash } from 'node:crypto';
import type { Item } from './dynalite.ts';

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

export interface Change {
  readonly keys: Item;
  readonly old?: Item;
  readonly next?: Item;
  /** Time to live removes as the service, and says so; users' writes carry no identity. */
  readonly byTimeToLive?: boolean;
}

const SETS: ReadonlySet<string> = new Set(['SS', 'NS', 'BS']);

/** Whether two items are the same; sets have no order, maps have none either. */
export const sameItem = (left: unknown, right: unknown, type = ''): boolean => {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return false;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left.length !== right.length) return false;
    if (SETS.has(type)) return left.every((element) => right.includes(element));
    return left.every((element, index) => sameItem(element, right[index]));
  }
  const [ours, theirs] = [Object.entries(left), new Map(Object.entries(right))];
  return (
    ours.length === theirs.size &&
    ours.every(([name, value]) => theirs.has(name) && sameItem(value, theirs.get(name), name))
  );
};

const eventNameOf = ({ old, next }: Change): 'INSERT' | 'MODIFY' | 'REMOVE' => {
  if (next === undefined) return 'REMOVE';
  return old === undefined ? 'INSERT' : 'MODIFY';
};

const imagesOf = ({ old, next }: Change, viewType: StreamViewType) => ({
  ...(next !== undefined && viewType.startsWith('NEW') ? { NewImage: next } : {}),
  ...(old !== undefined && viewType.includes('OLD') ? { OldImage: old } : {}),
});

const sizeOf = (value: object): number => Buffer.byteLength(JSON.stringify(value));

export interface RecordOf {
  readonly change: Change;
  readonly sequenceNumber: string;
  readonly viewType: StreamViewType;
  readonly streamArn: string;
  readonly region: string;
  readonly atMs: number;
}

/** The record as Lambda sees it; GetRecords leaves the source's ARN out. */
export const streamRecord = ({
  change,
  sequenceNumber,
  viewType,
  streamArn,
  region,
  atMs,
}: RecordOf) => {
  const images = imagesOf(change, viewType);
  return {
    eventID: createHash('md5').update(`${streamArn}/${sequenceNumber}`).digest('hex'),
    eventName: eventNameOf(change),
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    ...(change.byTimeToLive === true
      ? { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }
      : {}),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(atMs / 1000),
      Keys: change.keys,
      ...images,
      SequenceNumber: sequenceNumber,
      SizeBytes:
        sizeOf(change.keys) + Object.values(images).reduce((sum, image) => sum + sizeOf(image), 0),
      StreamViewType: viewType,
    },
    eventSourceARN: streamArn,
  };
};
