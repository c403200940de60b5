/** What a row of the timeline weighs: the simulator's events, so many of a user in one request. */
import { timelineToItem } from '../functions/adapters/timeline-items.ts';
import { absorb } from '../functions/core/profile/absorb.ts';
import type { Profile } from '../functions/core/profile/codec.ts';
import { compileProfile } from '../functions/core/profile/facets.ts';
import { type Envelope, readLine } from '../functions/core/profile/line.ts';
import { timelineRows } from '../functions/core/profile/timeline.ts';
import { config } from '../tributary.config.ts';
import { bodyOf, decodeRequest, enrichAll, rawRecordOf } from './event-path.ts';
import { nativeEvents, requestsOf } from './workload.ts';

/** DynamoDB's write unit; a put takes at least one, refused or not. */
const WRITE_UNIT_BYTES = 1_024;

export interface RowSizes {
  readonly rows: number;
  readonly events: number;
  readonly meanBytes: number;
  readonly largestBytes: number;
  readonly unitsPerRow: number;
  readonly unitsPerEvent: number;
}

const definitions = compileProfile(config);

type Item = ReturnType<typeof timelineToItem>;
const bytesOf = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, { S, N, B }]) => {
    const value = S ?? N;
    return sum + name.length + (value === undefined ? (B?.length ?? 0) : Buffer.byteLength(value));
  }, 0);

/** Rows as a deployed `aggregate` writes them: each user's requests one by one. */
export const rowSizes = (eventsPerRequest: number, events = 1_500, users = 15): RowSizes => {
  const profiles = new Map<string, Profile>();
  const sizes: number[] = [];
  let count = 0;
  let place = 0;
  for (const body of requestsOf(nativeEvents(users, events), eventsPerRequest).map(bodyOf)) {
    for (const raw of decodeRequest(body)) {
      place += 1;
      const record = rawRecordOf(raw, place, body.atMs);
      for (const { partitionKey, lines } of enrichAll([record])) {
        const read = lines.map((text) => readLine(text, partitionKey));
        const envelope = { position: record.at, lines: read } as Envelope;
        const context = { definitions, now: record.arrivedAt };
        const step = absorb(profiles.get(partitionKey), [envelope], context);
        if (step.after !== undefined) profiles.set(partitionKey, step.after.profile);
        const [tenant = '', user = ''] = partitionKey.split('#');
        for (const row of timelineRows([envelope], step)) {
          sizes.push(bytesOf(timelineToItem({ tenant, user }, row)));
          count += lines.length;
        }
      }
    }
  }
  const units = sizes.reduce((sum, bytes) => sum + Math.ceil(bytes / WRITE_UNIT_BYTES), 0);
  return {
    rows: sizes.length,
    events: count,
    meanBytes: Math.round(sizes.reduce((sum, bytes) => sum + bytes, 0) / sizes.length),
    largestBytes: Math.max(...sizes),
    unitsPerRow: units / sizes.length,
    unitsPerEvent: units / count,
  };
};
