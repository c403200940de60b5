import type { EnrichedEvent } from '../../functions/core/event/event.ts';
import type { Fx } from '../../functions/core/profile/fx.ts';
import { decodeMemory } from '../../functions/core/profile/memory-codec.ts';
import type { StoredProfile } from '../../functions/core/profile/stored-profile.ts';
import type { HttpResponse } from '../../functions/runtime/http.ts';
import type { StoredRecord } from '../../localstack/engines/kinesis/state.ts';
import { keyOf, type ReadLine } from './stated-memory.ts';
import type { StagedChange } from './table-stream-model.ts';
import { TallyAuditor } from './tally-auditor.ts';
import { UpdatesAuditor } from './updates-auditor.ts';
import { violated } from './violation.ts';
import type { SentEvent } from './workload.ts';

/** New events that one write takes. */
const WRITE_EVENTS = 64;

const linesIn = (record: StoredRecord): readonly string[] =>
  Buffer.from(record.data)
    .toString('utf8')
    .split('\n')
    .filter((text) => text !== '');

export const readLine = (text: string): ReadLine => {
  const value = JSON.parse(text) as EnrichedEvent & { readonly stub?: 1 };
  const { at, arrivedAt } = value;
  return value.stub === 1
    ? { at, arrivedAt, stub: true }
    : { at, arrivedAt, stub: false, event: value };
};

const EVENT_ID = /\\?"eventId\\?":\\?"([^"\\]+)\\?"/g;

interface Result {
  readonly index: number;
  readonly status: string;
}

const minuteOf = ({ arrivedAt }: ReadLine): number => Math.floor(Date.parse(arrivedAt) / 60_000);

export interface UserLedger {
  /** Distinct keys in the order in which their first copies landed, which must be raw order. */
  readonly landed: string[];
  readonly lines: Map<string, ReadLine>;
  applied: number;
  duplicate: number;
  parked: number;
  /** Of `landed`, those that the newest version has passed. */
  passed: number;
  fence: string;
}

/**
 * Knows what can be read, nothing of how it came about: keys of the enriched stream, versions of the
 * table and their effects. Checks on the way what must hold at every instant.
 */
export class Auditor {
  readonly users = new Map<string, UserLedger>();
  readonly tally = new TallyAuditor();
  readonly updates = new UpdatesAuditor();
  readonly #durable = new Set<string>();
  /** What a checkpoint's position stands for, by shard of the enriched stream. */
  readonly #byShard = new Map<
    string,
    { readonly sequence: string; readonly user: string; readonly keys: readonly string[] }[]
  >();
  readonly #checked = new Map<string, number>();
  /** The first thing that went wrong, kept until the step that did it is over. */
  violation: unknown;

  /** Runs a check inside of a callback of a model, where a throw would look like the world's. */
  guard(check: () => void): void {
    if (this.violation !== undefined) return;
    try {
      check();
    } catch (violation) {
      this.violation = violation;
    }
  }

  userOf(key: string): UserLedger {
    const known = this.users.get(key);
    if (known !== undefined) return known;
    const made = {
      landed: [],
      lines: new Map(),
      applied: 0,
      duplicate: 0,
      parked: 0,
      passed: 0,
      fence: '',
    };
    this.users.set(key, made);
    return made;
  }

  /** What is on the raw stream, or waits in the spill queue as JSON within JSON. */
  durable(text: string): void {
    for (const [, eventId = ''] of text.matchAll(EVENT_ID)) this.#durable.add(eventId);
  }

  /** P15: what is told to be taken lies somewhere. */
  answered(events: readonly SentEvent[], { statusCode, body }: HttpResponse): void {
    if (statusCode >= 300) return;
    for (const { index, status } of JSON.parse(body).results as readonly Result[]) {
      const eventId = events[index]?.eventId ?? '';
      if (status !== 'rejected' && !this.#durable.has(eventId))
        violated('P15', `${eventId} is ${status}, and neither landed nor spilled`);
    }
  }

  landed(record: StoredRecord, shardId: string): void {
    const user = this.userOf(record.partitionKey);
    const keys: string[] = [];
    for (const text of linesIn(record)) {
      const line = readLine(text);
      const key = keyOf(line.at);
      keys.push(key);
      if (user.lines.has(key)) continue;
      user.lines.set(key, line);
      const last = user.landed.at(-1);
      if (last !== undefined && last >= key)
        violated('order', `${key} of ${record.partitionKey} landed behind ${last}`);
      user.landed.push(key);
      this.tally.landed(minuteOf(line));
    }
    const records = this.#byShard.get(shardId) ?? [];
    records.push({ sequence: record.sequenceNumber, user: record.partitionKey, keys });
    this.#byShard.set(shardId, records);
  }

  /** P4 and P15, at each version of each profile. */
  saved(
    key: string,
    item: StoredProfile,
    before: StoredProfile | undefined,
    staged: StagedChange,
  ): void {
    if (before !== undefined && before.version >= item.version)
      violated('P4', `${key} went from version ${before.version} to ${item.version}`);
    const user = this.userOf(key);
    const fx = JSON.parse(item.fx) as Fx;
    const { minutes } = fx;
    this.tally.changed(staged, fx);
    this.updates.changed(key, item.version, staged);
    const news = minutes.reduce((sum, { applied }) => sum + applied, 0);
    if (news > WRITE_EVENTS) violated('bound', `a write of ${key} has ${news} new events`);
    for (const { applied, duplicate, parked } of minutes) {
      user.applied += applied;
      user.duplicate += duplicate;
      user.parked += parked;
    }
    const fence = decodeMemory(item.memory).fences.at(-1) ?? violated('P15', `${key} has no fence`);
    user.fence = keyOf({ ...fence, index: 99_999 });
    for (;;) {
      const next = user.landed[user.passed];
      if (next === undefined || next > user.fence) break;
      const line = user.lines.get(next);
      if (line !== undefined) this.tally.passed(minuteOf(line));
      user.passed += 1;
    }
    const counted = user.applied + user.duplicate + user.parked;
    if (counted !== user.passed)
      violated('P15', `${key} counted ${counted} lines, and ${user.passed} passed its fence`);
  }

  /** P7: everything behind a checkpoint of `aggregate` has passed its user's fence. */
  aggregated(shardId: string, after: string | null): void {
    const records = this.#byShard.get(shardId) ?? [];
    let place = this.#checked.get(shardId) ?? 0;
    for (; place < records.length; place += 1) {
      const record = records[place];
      if (record === undefined || after === null || record.sequence > after) break;
      const { fence } = this.userOf(record.user);
      for (const key of record.keys)
        if (key > fence)
          violated('P7', `${key} of ${record.user} is behind a checkpoint, unapplied`);
    }
    this.#checked.set(shardId, Math.max(place, this.#checked.get(shardId) ?? 0));
  }
}
