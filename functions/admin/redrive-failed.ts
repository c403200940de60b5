/** Sends failed events on again, one user's one after the other, and notes what was sent. */
import type { LookupTables } from '../core/enrichment/lookup-tables.ts';
import type { Money } from '../core/event/commerce.ts';
import type { RawPosition } from '../core/event/event.ts';
import { comparableKey, parkedKeyOf, recordFolderOf } from '../core/failed/failed-keys.ts';
import type { RedriveAnswer, Redriven } from '../core/failed/failed-schemas.ts';
import {
  type CopiedRecord,
  objectIn,
  planCopy,
  planParked,
  type RedrivePlan,
  stubsIn,
  textOf,
} from '../core/failed/plan-redrive.ts';
import { planRejected } from '../core/failed/plan-rejected.ts';
import type { KeptObject } from '../core/failed/read-failed.ts';
import { keyText } from '../core/profile/position.ts';
import { epochMs, toRfc3339 } from '../core/time.ts';
import type { EventStream } from '../ports/event-stream.ts';
import type { FailedArchive } from '../ports/failed-archive.ts';
import { putInOrder } from '../runtime/put-in-order.ts';
import { sentAtOf } from './list-failed.ts';
import { isOf, readAll, readOne, type Scope, stageOf, walkFailed } from './walk-failed.ts';

export interface RedrivePorts {
  readonly archive: FailedArchive;
  /** The raw stream. */
  readonly stream: EventStream;
  readonly tables: LookupTables;
  readonly money: Money;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface RedriveWish {
  /** Named ones are sent however often they were sent before. */
  readonly keys?: readonly string[];
  readonly scope: Scope;
  readonly dryRun: boolean;
  readonly objectsMax: number;
}

const PUT_TRIES_MAX = 5;
const PUT_MS_MAX = 15_000;
/** What a mapping gave up on holds a batch of records each. */
export const DISCARDED_OBJECTS_MAX = 4;
const SIBLINGS_MAX = 100;

/** Objects that are sent as one, because their events stood in one envelope. */
interface Wanted {
  readonly objects: readonly [KeptObject, ...KeptObject[]];
  readonly sentBefore: boolean;
}

const HOW = {
  aggregate: 'position',
  collect: 'new',
  discarded: 'copy',
  enrich: 'position',
  state: 'copy',
} as const satisfies Readonly<Record<ReturnType<typeof stageOf>, Redriven['as']>>;

const positionOf = (object: KeptObject): RawPosition | undefined =>
  object.kind === 'events' ? object.events[0]?.at : undefined;

/** The whole envelope: cut in two, the second half would look like a copy of the first. */
const siblings = async (archive: FailedArchive, object: KeptObject): Promise<Wanted['objects']> => {
  const at = positionOf(object);
  if (stageOf(object) !== 'state' || at === undefined) return [object];
  const { keys } = await archive.list({
    prefix: recordFolderOf('state', at),
    keysMax: SIBLINGS_MAX,
  });
  const all = await readAll(
    archive,
    keys.map(({ key }) => key),
  );
  const [first, ...rest] = [...all].sort(byKey);
  return first === undefined ? [object] : [first, ...rest];
};

const byKey = (left: KeptObject, right: KeptObject): number =>
  comparableKey(left.key) < comparableKey(right.key) ? -1 : 1;

/** The text of events that stood as stubs in these records, from what `enrich` parked. */
const parkedTexts = async (
  archive: FailedArchive,
  records: readonly CopiedRecord[],
): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map<string, string>();
  for (const at of records.flatMap(stubsIn)) {
    const object = await readOne(archive, parkedKeyOf('enrich', at));
    const bytes = object?.kind === 'events' ? object.events[0]?.bytes : undefined;
    const text = bytes === undefined ? undefined : textOf(bytes);
    if (text !== undefined && objectIn(text) !== undefined) texts.set(keyText(at), text);
  }
  return texts;
};

const joined = (plans: readonly RedrivePlan[]): RedrivePlan => ({
  records: plans.flatMap(({ records }) => records),
  refused: plans.flatMap(({ refused }) => refused),
});

const planCopies = async (
  { archive, tables }: RedrivePorts,
  records: readonly CopiedRecord[],
): Promise<RedrivePlan> => {
  const parked = await parkedTexts(archive, records);
  return joined(records.map((record) => planCopy(record, tables, parked)));
};

const planOf = async (ports: RedrivePorts, { objects }: Wanted): Promise<RedrivePlan> => {
  const [object] = objects;
  const { tables, money } = ports;
  if (object.kind === 'unreadable') {
    return { records: [], refused: [{ why: 'unreadable', detail: object.why }] };
  }
  if (object.kind === 'discarded') return planCopies(ports, object.records);
  if (stageOf(object) === 'collect') return planRejected(object.key, object.events, money);
  if (stageOf(object) !== 'state') {
    return joined(object.events.map((event) => planParked(event, tables)));
  }
  const events = objects.flatMap((one) => (one.kind === 'events' ? one.events : []));
  const partitionKey = events[0]?.partitionKey ?? '';
  const text = events.map(({ bytes }) => textOf(bytes) ?? '').join('\n');
  return planCopies(ports, [{ partitionKey, bytes: Buffer.from(text) }]);
};

const chosen = async (
  { archive }: RedrivePorts,
  { keys, scope, objectsMax }: RedriveWish,
): Promise<{
  wanted: Wanted[];
  missing: string[];
  page: Pick<RedriveAnswer, 'scanned' | 'cursor'>;
}> => {
  const named = keys === undefined ? undefined : await readAll(archive, [...new Set(keys)]);
  const walked =
    named === undefined
      ? await walkFailed(
          archive,
          scope,
          scope.discarded ? Math.min(objectsMax, DISCARDED_OBJECTS_MAX) : objectsMax,
        )
      : { found: named.filter((object) => isOf(object, scope.tenant)), scanned: named.length };
  const taken = new Set<string>();
  const wanted: Wanted[] = [];
  for (const object of [...walked.found].sort(byKey)) {
    if (taken.has(object.key)) continue;
    const objects = await siblings(archive, object);
    for (const { key } of objects) taken.add(key);
    const sentBefore = named === undefined && (await sentAtOf(archive, object.key)) !== undefined;
    wanted.push({ objects, sentBefore });
  }
  const missing = (keys ?? []).filter((key) => !taken.has(key));
  const { found: _, ...page } = walked;
  return { wanted, missing, page };
};

const resultsOf = (
  { objects }: Wanted,
  status: Redriven['status'],
  { records, refused }: RedrivePlan,
): readonly Redriven[] =>
  objects.map((object, place) => {
    const stage = stageOf(object);
    // What is sent as one is counted once.
    const events = place === 0 ? records.reduce((sum, one) => sum + one.events, 0) : 0;
    return { key: object.key, stage, status, as: HOW[stage], events, refused: [...refused] };
  });

const NOTHING: RedrivePlan = { records: [], refused: [] };

interface Planned {
  readonly one: Wanted;
  readonly plan: RedrivePlan;
  /** Of its records among all that are sent. */
  readonly place: number;
}

const planAll = async (
  ports: RedrivePorts,
  wanted: readonly Wanted[],
): Promise<readonly Planned[]> => {
  const planned: Planned[] = [];
  let place = 0;
  for (const one of wanted) {
    const plan = one.sentBefore ? NOTHING : await planOf(ports, one);
    planned.push({ one, plan, place });
    place += plan.records.length;
  }
  return planned;
};

const send = async (
  { stream, now, sleep }: RedrivePorts,
  planned: readonly Planned[],
): Promise<readonly ('stored' | 'failed')[]> => {
  const records = planned.flatMap(({ plan }) => plan.records);
  const { outcomes } = await putInOrder(stream, records, {
    triesMax: PUT_TRIES_MAX,
    deadlineMs: now() + PUT_MS_MAX,
    now,
    sleep,
  });
  return outcomes;
};

export const redriveFailed = async (
  ports: RedrivePorts,
  wish: RedriveWish,
): Promise<RedriveAnswer> => {
  const { archive, now } = ports;
  const { wanted, missing, page } = await chosen(ports, wish);
  const planned = await planAll(ports, wanted);
  const outcomes = wish.dryRun ? [] : await send(ports, planned);
  const redriven: Redriven[] = [];
  for (const { one, plan, place } of planned) {
    const stored = outcomes.slice(place, place + plan.records.length);
    const status = statusOf(one, plan, wish.dryRun, stored);
    if (status === 'sent') {
      const note = JSON.stringify({ sentAt: toRfc3339(epochMs(now())) });
      for (const { key } of one.objects) await archive.noteSent(key, note);
    }
    redriven.push(...resultsOf(one, status, plan));
  }
  return { dryRun: wish.dryRun, redriven, missing, ...page };
};

const statusOf = (
  { sentBefore }: Wanted,
  { records }: RedrivePlan,
  dryRun: boolean,
  stored: readonly ('stored' | 'failed')[],
): Redriven['status'] => {
  if (sentBefore) return 'sent_before';
  if (records.length === 0) return 'refused';
  if (dryRun) return 'would_be_sent';
  return stored.every((outcome) => outcome === 'stored') ? 'sent' : 'not_stored';
};
