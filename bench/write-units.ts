import type { Bench } from './bench.ts';
import { bodyOf, decodeRequest, enrichAll, rawRecordOf, type SentBody } from './event-path.ts';
import { number, table } from './report.ts';
import { nativeEvents, requestsOf } from './workload.ts';
import { newWriting, type Weighed, WRITERS, type Writing } from './writers.ts';

const EVENTS = 40_000;
const USERS = 60;
const EVENTS_PER_REQUEST = [1, 5, 10, 25, 100] as const;
const TALLY_EVERY_MS = 1_000;

/** The records of a request after `enrich`, folded in one call. */
export const applyRequest = async (
  writing: Writing,
  body: SentBody,
  place: number,
): Promise<void> => {
  const raw = decodeRequest(body).map((envelope, index) =>
    rawRecordOf(envelope, place * 8 + index, body.atMs),
  );
  const records = enrichAll(raw).map(({ partitionKey, lines }) => ({
    partitionKey,
    data: lines.map((line) => `${line.trimEnd()}\n`).join(''),
  }));
  await writing.aggregate(records, body.atMs);
};

interface Row {
  readonly events: number;
  readonly weighed: Weighed;
}

const weigh = async (size: number): Promise<Row> => {
  const bodies = requestsOf(nativeEvents(USERS, EVENTS), size)
    .map(bodyOf)
    .sort((left, right) => left.atMs - right.atMs);
  const writing = newWriting();
  let tallyAtMs = 0;
  for (const [place, body] of bodies.entries()) {
    if (body.atMs >= tallyAtMs) {
      await writing.tally(tallyAtMs);
      tallyAtMs = body.atMs - (body.atMs % TALLY_EVERY_MS) + TALLY_EVERY_MS;
    }
    await applyRequest(writing, body, place);
  }
  await writing.tally(tallyAtMs);
  return { events: bodies.length * size, weighed: writing.taken() };
};

interface WriteUnits {
  /** By events a request. */
  readonly writeUnits: Readonly<Record<string, Row>>;
}

const run = async (): Promise<WriteUnits> => {
  const bySize: Record<string, Row> = {};
  for (const size of EVENTS_PER_REQUEST) bySize[size] = await weigh(size);
  return { writeUnits: bySize };
};

const perEvent = (units: number, events: number): string => (units / events).toFixed(3);
const sumOf = (weighed: Weighed): number =>
  WRITERS.reduce((sum, writer) => sum + weighed[writer].units, 0);

export const writeUnitsBench: Bench<WriteUnits> = {
  name: 'write-units',
  run,
  section: ({ writeUnits: bySize }) => `## Write units

DynamoDB's write units per event, by who writes: \`aggregate\` the profile (\`rt\`), the traits (\`tr\`) and
the timeline's rows, \`tally\` the rest. The shipped use cases and the adapters' items, each rounded up to
whole KB, over ${number(EVENTS)} events of ${USERS + 6} users; the same on every machine. Worst case for \`aggregate\`: a
call for each request, so that nothing of a user comes together; \`tally\` is called once a second of the
events' own time, with what changed in it. A table's stream and backups add no write units.

${table(
  ['events a request', ...WRITERS, 'all', 'mean bytes of `rt`', 'of a row of the timeline'],
  Object.entries(bySize).map(([size, { events, weighed }]) => [
    size,
    ...WRITERS.map((writer) => perEvent(weighed[writer].units, events)),
    perEvent(sumOf(weighed), events),
    ...(['rt', 'timeline'] as const).map((writer) =>
      number(Math.round(weighed[writer].bytes / weighed[writer].writes)),
    ),
  ]),
)}`,
};
