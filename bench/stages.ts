import type { Bench } from './bench.ts';
import { bodyOf, decodeRequest, enrichAll, rawRecordOf } from './event-path.ts';
import { foldInto, type UserRecord } from './fold.ts';
import { type Figure, measure } from './measure.ts';
import { FIGURE_HEAD, figureCells, type Results, table } from './report.ts';
import { nativeEvents, requestsOf } from './workload.ts';

const EVENTS = 20_000;
const USERS = 300;
const EVENTS_PER_REQUEST = [1, 10, 25] as const;

type Stages = Pick<Results, 'eventPath'>;

/** A write for each envelope: the worst case, where a batch never holds two of one user. */
const foldOneByOne = (user: string, records: readonly UserRecord[]): void => {
  let stored: ReturnType<typeof foldInto> | undefined;
  for (const record of records) stored = foldInto(stored, user, [record]);
};

const run = (): Stages => {
  const sent = nativeEvents(USERS, EVENTS);
  const stages: Record<string, Record<string, Figure>> = {};
  const note = (stage: string, size: number, figure: Figure): void => {
    stages[stage] = { ...stages[stage], [size]: figure };
  };
  for (const size of EVENTS_PER_REQUEST) {
    const bodies = requestsOf(sent, size).map(bodyOf);
    const events = bodies.length * size;
    const decode = measure(events, () => {
      for (const body of bodies) decodeRequest(body);
    });
    note('decode and validate', size, decode);
    const raw = bodies.flatMap((body) =>
      decodeRequest(body).map((envelope, place) => rawRecordOf(envelope, place, body.atMs)),
    );
    const placed = raw.map((record, place) => ({
      ...record,
      at: rawRecordOf({ partitionKey: '', data: '' }, place).at,
    }));
    const enrich = measure(events, () => {
      for (const record of placed) enrichAll([record]);
    });
    note('enrich', size, enrich);
    const users = Map.groupBy(enrichAll(placed), ({ partitionKey }) => partitionKey);
    const fold = measure(events, () => {
      for (const [user, records] of users) foldOneByOne(user, records);
    });
    note('fold with dedupe', size, fold);
  }
  return { eventPath: stages };
};

export const stages: Bench<Stages> = {
  name: 'event-path',
  run,
  section: ({ eventPath }) => `## The event path, stage by stage

CPU time (user and system, \`process.cpuUsage\`) of one thread, median of 7 rounds after 2 of warm-up.
Events are the simulator's, in the shapes that the native door takes, each request of one user.
*decode and validate* is all that \`collect\` does between the body and the records, without keys,
HTTP and Kinesis; *enrich* reads, checks and extends the lines; *fold with dedupe* is all that
\`aggregate\` does to an item between two calls to DynamoDB: decode, judge, fold, effects, encode, with
a write for each request.

${table(
  ['stage', 'events a request', ...FIGURE_HEAD],
  Object.entries(eventPath).flatMap(([stage, bySize]) =>
    Object.entries(bySize).map(([size, figure]) => [stage, size, ...figureCells(figure)]),
  ),
)}`,
};
