import { decodeMinuteSums } from '../../functions/core/analytics/minute-sums.ts';
import type { RowKey, TallyRow } from '../../functions/core/analytics/tally-rows.ts';
import type { Fx } from '../../functions/core/profile/fx.ts';
import type { StagedChange } from './table-stream-model.ts';
import { violated } from './violation.ts';

interface Counted {
  applied: number;
  duplicate: number;
  parked: number;
}

/** As many as a sequence number ever has. */
const SEQUENCE_DIGITS = 56;
const KINDS = ['applied', 'duplicate', 'parked'] as const;
const nothing = (): Counted => ({ applied: 0, duplicate: 0, parked: 0 });
const add = (sum: Counted, more: Readonly<Counted>, sign: 1 | -1 = 1): void => {
  for (const kind of KINDS) sum[kind] += sign * more[kind];
};
const textOf = ({ applied, duplicate, parked }: Counted): string =>
  `${applied} applied, ${duplicate} duplicate, ${parked} parked`;
const sizeOf = ({ applied, duplicate, parked }: Counted): number => applied + duplicate + parked;

/** Of one minute of arrival. */
interface Minute {
  landed: number;
  /** Landed, and no profile's fence has passed them: in the stream of events. */
  unfolded: number;
  /** Written with a profile, and in no row: in the stream of the table. */
  readonly waiting: Counted;
  /** What the rows say, summed over shards. */
  readonly rows: Counted;
}

/** What one shard of the table's stream holds for one minute. */
interface Line {
  readonly changes: { readonly sequence: string; readonly counted: Counted }[];
  done: number;
  readonly sum: Counted;
}

/** P15 by minute rows, at every write of one: landed = applied + duplicate + parked + in flight. */
export class TallyAuditor {
  readonly minutes = new Map<number, Minute>();
  /** Versions of profiles that were written. */
  changes = 0;
  readonly #lines = new Map<string, Line>();

  #minute(minute: number): Minute {
    const known = this.minutes.get(minute);
    if (known !== undefined) return known;
    const made = { landed: 0, unfolded: 0, waiting: nothing(), rows: nothing() };
    this.minutes.set(minute, made);
    return made;
  }

  #line(text: string): Line {
    const known = this.#lines.get(text);
    if (known !== undefined) return known;
    const made: Line = { changes: [], done: 0, sum: nothing() };
    this.#lines.set(text, made);
    return made;
  }

  /** The first copy of a line, which no fence has passed. */
  landed(minute: number): void {
    const sum = this.#minute(minute);
    sum.landed += 1;
    sum.unfolded += 1;
  }

  passed(minute: number): void {
    this.#minute(minute).unfolded -= 1;
  }

  /** A version of a profile was written, and with it the record of its effects. */
  changed({ shardId, sequence }: StagedChange, fx: Fx): void {
    this.changes += 1;
    for (const { minute, ...counted } of fx.minutes) {
      add(this.#minute(minute).waiting, counted);
      const line = this.#line(`m#main#${minute}\n${shardId}`);
      line.changes.push({ sequence: sequence.padStart(SEQUENCE_DIGITS, '0'), counted });
    }
  }

  rowSaved({ pk, sk }: RowKey, row: TallyRow, before: TallyRow | undefined): void {
    if (before !== undefined && before.last >= row.last)
      violated('P15', `${pk} of ${sk} went from ${before.last} to ${row.last}`);
    if (!pk.startsWith('m#')) return;
    const minute = Number(pk.split('#')[2]);
    const sums = this.#minute(minute);
    const line = this.#line(`${pk}\n${sk}`);
    for (; line.done < line.changes.length; line.done += 1) {
      const change = line.changes[line.done];
      if (change === undefined || change.sequence > row.last) break;
      add(line.sum, change.counted);
      add(sums.waiting, change.counted, -1);
    }
    const { applied, duplicate, parked } = decodeMinuteSums(row.sums);
    const told = { applied, duplicate, parked };
    if (textOf(told) !== textOf(line.sum))
      violated('P15', `${pk} of ${sk} says ${textOf(told)}, not ${textOf(line.sum)}`);
    if (before !== undefined) add(sums.rows, decodeMinuteSums(before.sums), -1);
    add(sums.rows, told);
    this.#balance(minute);
  }

  #balance(minute: number): void {
    const { landed, unfolded, waiting, rows } = this.#minute(minute);
    const inFlight = unfolded + sizeOf(waiting);
    if (landed !== sizeOf(rows) + inFlight)
      violated('P15', `minute ${minute}: ${landed} landed, ${textOf(rows)}, ${inFlight} in flight`);
  }

  /** Nothing is in flight any more. */
  atRest(): void {
    for (const [minute, { unfolded, waiting }] of this.minutes) {
      this.#balance(minute);
      if (unfolded + sizeOf(waiting) !== 0)
        violated('P15', `minute ${minute}: ${unfolded} and ${textOf(waiting)} never counted`);
    }
  }
}
