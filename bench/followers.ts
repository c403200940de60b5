/** What follows a change of a profile: its row of the timeline, `tally`, `project`. */

import { memoryEventStream } from '../functions/adapters/memory-event-stream.ts';
import { memoryItemDemand } from '../functions/adapters/memory-item-demand.ts';
import { MemoryTallyStore } from '../functions/adapters/memory-tally-store.ts';
import { profileToItem } from '../functions/adapters/profile-items.ts';
import { timelineToItem } from '../functions/adapters/timeline-items.ts';
import { absorb, type Step } from '../functions/core/profile/absorb.ts';
import { decodeProfile } from '../functions/core/profile/codec.ts';
import { compileProfile } from '../functions/core/profile/facets.ts';
import type { Envelope } from '../functions/core/profile/line.ts';
import type { StoredProfile } from '../functions/core/profile/stored-profile.ts';
import { timelineRows } from '../functions/core/profile/timeline.ts';
import { epochMs } from '../functions/core/time.ts';
import { project } from '../functions/project/project.ts';
import type { TableStreamEvent } from '../functions/runtime/table-stream-batch.ts';
import { tally } from '../functions/tally/tally.ts';
import { config } from '../tributary.config.ts';
import type { Bench, Measured } from './bench.ts';
import { bodyOf, decodeRequest, enrichAll, rawRecordOf } from './event-path.ts';
import { envelopeOf } from './fold.ts';
import { cpuSeconds, type Figure, figureOf } from './measure.ts';
import { FIGURE_HEAD, figureCells, table } from './report.ts';
import { nativeEvents, requestsOf, START } from './workload.ts';

const EVENTS = 20_000;
const USERS = 300;
const EVENTS_PER_REQUEST = 10;
/** What a shard of the table's stream carries in a second at a hundred million events a day. */
const CHANGES_PER_CALL = 100;
const WARM_UP_ROUNDS = 2;
const ROUNDS = 7;
const SHARD = 'shardId-00000001732173000000-0a1b2c3d';
const FIRST_SEQUENCE = 10n ** 22n;

const definitions = compileProfile(config);
const fail = (what: unknown) => {
  throw new Error('nothing fails here', { cause: what });
};

interface Change {
  readonly pk: string;
  readonly envelope: Envelope;
  readonly step: Step;
  readonly stored: StoredProfile;
}

/** Each request by itself, in the order of time: hardly two of a user are in one call. */
const changesOf = (): readonly Change[] => {
  const bodies = requestsOf(nativeEvents(USERS, EVENTS), EVENTS_PER_REQUEST)
    .map(bodyOf)
    .sort((left, right) => left.atMs - right.atMs);
  const profiles = new Map<string, StoredProfile>();
  const changes: Change[] = [];
  for (const body of bodies) {
    const records = decodeRequest(body).map((envelope) =>
      rawRecordOf(envelope, changes.length, body.atMs),
    );
    for (const { partitionKey: pk, lines } of enrichAll(records)) {
      const envelope = envelopeOf(pk, { lines });
      const held = profiles.get(pk);
      const before = held && decodeProfile(held, definitions);
      const step = absorb(before, [envelope], { definitions, now: epochMs(body.atMs) });
      if (step.after === undefined) throw new Error('every event is new here');
      profiles.set(pk, step.after.stored);
      changes.push({ pk, envelope, step, stored: step.after.stored });
    }
  }
  return changes;
};

/** As Lambda hands batches of a table's stream over. */
const batchTexts = (changes: readonly Change[]): readonly string[] => {
  const records = changes.map(({ pk, stored }, place) => ({
    eventName: 'MODIFY',
    eventSource: 'aws:dynamodb',
    dynamodb: {
      Keys: { pk: { S: `u#${pk}` }, sk: { S: 'rt' } },
      NewImage: {
        ...profileToItem(stored),
        m: { B: Buffer.from(stored.memory).toString('base64') },
      },
      SequenceNumber: String(FIRST_SEQUENCE + BigInt(place)),
      ApproximateCreationDateTime: Math.floor(START / 1_000),
    },
  }));
  return Array.from({ length: Math.ceil(records.length / CHANGES_PER_CALL) }, (_, n) =>
    JSON.stringify({
      Records: records.slice(n * CHANGES_PER_CALL, (n + 1) * CHANGES_PER_CALL),
      shardId: SHARD,
    }),
  );
};

type Handler = (event: TableStreamEvent) => Promise<unknown>;

const CALL = { getRemainingTimeInMillis: () => 60_000 };
const report = {
  counted: (counts: { readonly unreadable: number }): void => {
    if (counts.unreadable > 0) fail(counts);
  },
  demand: () => {},
  fault: fail,
};
const world = { now: () => START, sleep: async () => {}, report };

const newTally = (): Handler => {
  const run = tally({ ...world, store: new MemoryTallyStore(), demand: memoryItemDemand() });
  return (event) => run(event, CALL);
};

const newProject = (): Handler => {
  const run = project({ ...world, updates: memoryEventStream(), definitions });
  return (event) => run(event, CALL);
};

const callEach = async (texts: readonly string[], handler: Handler): Promise<void> => {
  for (const text of texts) JSON.stringify(await handler(JSON.parse(text)));
};

const rounds = async (changes: number, work: () => Promise<unknown>): Promise<Figure> => {
  for (let n = 0; n < WARM_UP_ROUNDS; n += 1) await work();
  const seconds: number[] = [];
  for (let n = 0; n < ROUNDS; n += 1) seconds.push(await cpuSeconds(work));
  return figureOf(changes, seconds);
};

/** The figures of the followers, which `npm run cost` reads too. Their events are changes. */
export interface Followers extends Measured {
  readonly changes: Readonly<Record<string, Figure>>;
}

const run = async (): Promise<Pick<Followers, 'changes'>> => {
  const changes = changesOf();
  const texts = batchTexts(changes);
  const rowOf = ({ pk, envelope, step }: Change): void => {
    const [tenant = '', user = ''] = pk.split('#');
    for (const row of timelineRows([envelope], step)) timelineToItem({ tenant, user }, row);
  };
  return {
    changes: {
      'timeline row': await rounds(changes.length, async () => changes.forEach(rowOf)),
      tally: await rounds(changes.length, () => callEach(texts, newTally())),
      project: await rounds(changes.length, () => callEach(texts, newProject())),
    },
  };
};

export const followers: Bench<Pick<Followers, 'changes'>> = {
  name: 'followers',
  run,
  section: ({ changes }) => `## What follows a change

CPU time for each change of a profile, ${EVENTS_PER_REQUEST} events in one request: *timeline row* is the row of its
envelope, deflated; \`tally\` and \`project\` are the shipped use cases over ports in memory, from
Lambda's batch of ${CHANGES_PER_CALL} changes in JSON to the answer. Median of ${ROUNDS} rounds after ${WARM_UP_ROUNDS} of warm-up.

${table(
  ['what', ...FIGURE_HEAD.map((head) => head.replace('events', 'changes'))],
  Object.entries(changes).map(([what, figure]) => [what, ...figureCells(figure)]),
)}`,
};
