import { newCrowd, type ShopperEvent } from '../simulate/crowd.ts';
import type { Bench } from './bench.ts';
import { bodyOf } from './event-path.ts';
import { number, table } from './report.ts';
import { requestsOf, START } from './workload.ts';
import { applyRequest } from './write-units.ts';
import { newWriting, type Weighed, type Writer } from './writers.ts';

const SHORT_HISTORY_EVENTS = 200;
const GROWTHS = [1, 10, 100] as const;
const WEIGHED_EVENTS = 400;
const EVENTS_PER_REQUEST = 10;
/** Beside the six who are always there. */
const USERS = 4;
const GAP_MS = 6_000;
const DAY_MS = 86_400_000;
const OF_A_USER = ['rt', 'tr', 'timeline'] as const satisfies readonly Writer[];

/** One event of all users every six seconds: about one a minute of each, in visits. */
const histories = (growths: readonly number[]): readonly (readonly ShopperEvent[])[] => {
  const crowd = newCrowd({ seed: 1, users: USERS, runId: 'history', prefix: '' });
  const wanted = SHORT_HISTORY_EVENTS * Math.max(...growths) + WEIGHED_EVENTS;
  const byUser = new Map(crowd.users.map((user) => [user, [] as ShopperEvent[]]));
  let full = 0;
  for (let n = 0; full < byUser.size; n += 1) {
    const event = crowd.next(START + n * GAP_MS);
    const mine = byUser.get(event.fact.user);
    if (mine === undefined || (event.path !== '/v1/events' && event.path !== '/events')) continue;
    if (mine.length < wanted && mine.push(event) === wanted) full += 1;
  }
  return [...byUser.values()];
};

interface Point {
  readonly historyEvents: number;
  readonly events: number;
  readonly weighed: Weighed;
}

/** Weighs what is written after so much history, at several lengths of it on the way. */
const weigh = async (
  users: readonly (readonly ShopperEvent[])[],
  growths: readonly number[],
): Promise<readonly Point[]> => {
  const writing = newWriting();
  const points: Point[] = [];
  let written = 0;
  let place = 0;
  const apply = async (until: number): Promise<void> => {
    for (const mine of users) {
      for (const request of requestsOf(mine.slice(written, until), EVENTS_PER_REQUEST)) {
        await applyRequest(writing, bodyOf(request), place);
        place += 1;
      }
    }
    written = until;
  };
  for (const growth of growths) {
    const historyEvents = SHORT_HISTORY_EVENTS * growth;
    await apply(historyEvents);
    writing.taken();
    await apply(historyEvents + WEIGHED_EVENTS);
    points.push({ historyEvents, events: WEIGHED_EVENTS * users.length, weighed: writing.taken() });
  }
  return points;
};

export interface History {
  readonly users: number;
  readonly days: number;
  readonly history: readonly Point[];
}

export const grownHistories = async (growths: readonly number[]): Promise<History> => {
  const users = histories(growths);
  const newest = Math.max(...users.map((mine) => mine.at(-1)?.fact.timestamp ?? START));
  const days = Math.round((newest - START) / DAY_MS);
  return { users: users.length, days, history: await weigh(users, growths) };
};

export const history: Bench<History> = {
  name: 'history',
  run: () => grownHistories(GROWTHS),
  section: ({ users, days, history: points }) => `## As a user's history grows

What \`aggregate\` writes for the next ${WEIGHED_EVENTS} events of each of ${users} users after so much history, at
${EVENTS_PER_REQUEST} events a request, in visits over ${days} days in all; bytes and write units per event, the same on
every machine. After so few events not every window and list of a profile is full yet; once they are, no
write depends on how much there was before.

${table(
  [
    'events before',
    ...OF_A_USER.map((writer) => `\`${writer}\` bytes`),
    'all bytes',
    'write units',
  ],
  points.map(({ historyEvents, events, weighed }) => {
    const sum = (of: 'bytes' | 'units'): number =>
      OF_A_USER.reduce((total, writer) => total + weighed[writer][of], 0);
    return [
      number(historyEvents),
      ...OF_A_USER.map((writer) => number(Math.round(weighed[writer].bytes / events))),
      number(Math.round(sum('bytes') / events)),
      (sum('units') / events).toFixed(3),
    ];
  }),
)}`,
};
