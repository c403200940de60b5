import { outcomesFolderOf, sentKeyOf } from '../core/failed/failed-keys.ts';
import type {
  FailedEntry,
  FailedGroup,
  FailedGroups,
  FailedList,
  FailedShown,
  ShownEvent,
} from '../core/failed/failed-schemas.ts';
import { objectIn, parkedAt, textOf } from '../core/failed/plan-redrive.ts';
import type { KeptObject } from '../core/failed/read-failed.ts';
import { type ReadOutcome, readOutcome } from '../core/failed/read-outcome.ts';
import { hash32Hex } from '../core/hash.ts';
import type { FailedArchive } from '../ports/failed-archive.ts';
import { eachBounded } from '../runtime/each-bounded.ts';
import {
  isOf,
  readOne,
  reasonsOf,
  SCANNED_MAX,
  type Scope,
  stageOf,
  walkFailed,
} from './walk-failed.ts';

const JOINED_AT_ONCE = 8;
/** Of one event; who sends it more often than this has learnt what there is to learn. */
const OUTCOMES_MAX = 20;

/** When an object was last sent on, if it was. */
export const sentAtOf = async (
  archive: FailedArchive,
  key: string,
): Promise<string | undefined> => {
  const note = await archive.read(sentKeyOf(key));
  if (note.kind !== 'text') return undefined;
  const { sentAt } = objectIn(note.text) ?? {};
  return typeof sentAt === 'string' ? sentAt : 'at a time that is not known';
};

const outcomesOf = async (
  archive: FailedArchive,
  object: KeptObject,
): Promise<FailedEntry['outcomes']> => {
  const [event] = object.kind === 'events' ? object.events : [];
  if (event === undefined || event.at === undefined) return [];
  const parked = parkedAt(event);
  if (parked === undefined) return [];
  const { keys } = await archive.list({ prefix: outcomesFolderOf(parked), keysMax: OUTCOMES_MAX });
  const read: ReadOutcome[] = [];
  for (const { key } of keys) {
    const kept = await archive.read(key);
    const outcome = kept.kind === 'text' ? readOutcome(kept.text) : undefined;
    if (outcome !== undefined) read.push(outcome);
  }
  return read
    .sort((left, right) => (left.arrivedAt < right.arrivedAt ? -1 : 1))
    .map(({ outcome }) => outcome);
};

const described = (object: KeptObject): Omit<FailedEntry, 'outcomes'> => {
  const { key } = object;
  const stage = stageOf(object);
  const reason = reasonsOf(object).join(', ');
  if (object.kind === 'unreadable') return { key, stage, reason, detail: object.why, events: 0 };
  if (object.kind === 'discarded') {
    const detail = `A mapping gave up on ${object.records.length} records.`;
    return { key, stage, reason, detail, events: object.records.length, arrivedAt: object.at };
  }
  const [first] = object.events;
  return {
    ...{ key, stage, reason, detail: first?.detail ?? '', events: object.events.length },
    ...(first?.partitionKey !== undefined && { user: hash32Hex(first.partitionKey) }),
    ...(first?.arrivedAt !== undefined && { arrivedAt: first.arrivedAt }),
    ...(first?.requestId !== undefined && { requestId: first.requestId }),
  };
};

const entryOf = async (archive: FailedArchive, object: KeptObject): Promise<FailedEntry> => {
  const [sentAt, outcomes] = await Promise.all([
    sentAtOf(archive, object.key),
    outcomesOf(archive, object),
  ]);
  return { ...described(object), ...(sentAt !== undefined && { sentAt }), outcomes };
};

/** What failed, each with what became of its redrives. */
export const listFailed = async (
  archive: FailedArchive,
  scope: Scope,
  objectsMax: number,
): Promise<FailedList> => {
  const { found, ...page } = await walkFailed(archive, scope, objectsMax);
  const entries = new Map<string, FailedEntry>();
  await eachBounded(found, JOINED_AT_ONCE, async (object) => {
    entries.set(object.key, await entryOf(archive, object));
  });
  return { failed: found.flatMap(({ key }) => entries.get(key) ?? []), ...page };
};

/** How much of what, of as many objects as one call may read. */
export const groupFailed = async (archive: FailedArchive, scope: Scope): Promise<FailedGroups> => {
  const { found, ...page } = await walkFailed(archive, scope, SCANNED_MAX);
  const groups = new Map<string, FailedGroup>();
  for (const object of found) {
    const { key, stage, reason, events, arrivedAt } = described(object);
    const name = `${stage}\n${reason}`;
    const before = groups.get(name) ?? { stage, reason, objects: 0, events: 0, example: key };
    const { oldest = arrivedAt, newest = arrivedAt } = before;
    groups.set(name, {
      ...before,
      objects: before.objects + 1,
      events: before.events + events,
      ...(arrivedAt !== undefined && {
        oldest: oldest !== undefined && oldest < arrivedAt ? oldest : arrivedAt,
        newest: newest !== undefined && newest > arrivedAt ? newest : arrivedAt,
      }),
    });
  }
  const byEvents = (left: FailedGroup, right: FailedGroup): number => right.events - left.events;
  return { groups: [...groups.values()].sort(byEvents), ...page };
};

const bytesOf = (bytes: Uint8Array): Pick<ShownEvent, 'text' | 'base64'> => {
  const text = textOf(bytes);
  return text === undefined ? { base64: Buffer.from(bytes).toString('base64') } : { text };
};

const shownOf = (object: KeptObject): readonly ShownEvent[] => {
  if (object.kind === 'unreadable') return [];
  if (object.kind === 'discarded') {
    const { condition } = object;
    return object.records.map(({ partitionKey, bytes }) => ({
      ...{ reason: condition, detail: 'A record of the batch.', partitionKey },
      ...bytesOf(bytes),
    }));
  }
  return object.events.map(({ reason, detail, trace, partitionKey, bytes }) => ({
    ...{ reason, detail },
    ...(trace !== undefined && { trace }),
    ...(partitionKey !== undefined && { partitionKey }),
    ...bytesOf(bytes),
  }));
};

/** One object with its bytes; undefined where there is none, or none of this tenant's. */
export const showFailed = async (
  archive: FailedArchive,
  key: string,
  tenant?: string,
): Promise<FailedShown | undefined> => {
  const object = await readOne(archive, key);
  if (object === undefined || !isOf(object, tenant)) return undefined;
  return { ...(await entryOf(archive, object)), bytes: [...shownOf(object)] };
};
