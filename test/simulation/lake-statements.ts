import { runFolder } from '../../functions/adapters/s3-run-objects.ts';
import type { EnrichedEvent } from '../../functions/core/event/event.ts';
import { parseOriginKey } from '../../functions/core/event/event.ts';
import {
  dayNumber,
  LANDING_DAYS_MAX,
  UNTOTALLED_DAYS,
} from '../../functions/core/nightly/plan-night.ts';
import type { NightPlan, PrintRequest } from '../../functions/core/nightly/tasks.ts';
import type { TagDefinition } from '../../functions/core/tags/definition.ts';
import { amountOf, matches } from '../../functions/core/tags/matching.ts';
import { fromRfc3339, toUtcDate, utcDayOf } from '../../functions/core/time.ts';
import type { ResultRow } from '../../functions/ports/query-results.ts';
import { readLine } from './auditor.ts';
import type { LakeObject } from './lake-model.ts';
import { dayOf } from './lake-oracle.ts';
import { definitionOf } from './lake-tags.ts';
import { keyOf, type ReadLine } from './stated-memory.ts';

interface EventRow {
  readonly owner: string;
  readonly key: string;
  readonly line: ReadLine;
  readonly day: number;
  dup: boolean;
  again: boolean;
}
interface Amounts {
  amount: number | null;
  instant: number | null;
}
interface DayRow extends Amounts {
  readonly owner: string;
  readonly version: string;
  readonly eventDay: string;
  readonly day: number;
}
interface TotalRow extends Amounts {
  readonly owner: string;
  readonly version: string;
  readonly eventDay: string;
  through: number;
}

const ownerOf = (line: ReadLine): string =>
  line.stub
    ? (line as unknown as { partitionKey: string }).partitionKey
    : `${line.event.tenant}#${line.event.userId ?? line.event.anonymousId}`;

const add = (left: Amounts, right: Amounts, op: string): Amounts => {
  if (left.instant === null || right.instant === null)
    return {
      amount: left.amount === null ? right.amount : left.amount + (right.amount ?? 0),
      instant: left.instant ?? right.instant,
    };
  const instant =
    op === 'first' ? Math.min(left.instant, right.instant) : Math.max(left.instant, right.instant);
  return { amount: null, instant };
};

export class LakeTables {
  readonly events = new Map<string, EventRow>();
  userDay: DayRow[] = [];
  readonly userTotal = new Map<string, TotalRow>();
  readonly unloaded = new Map<string, readonly string[]>();
  readonly loaded: object[] = [];
  readonly objects: () => readonly LakeObject[];
  constructor(objects: () => readonly LakeObject[]) {
    this.objects = objects;
  }

  execute(statement: PrintRequest, plan: NightPlan): readonly ResultRow[] {
    switch (statement.kind) {
      case 'curate':
        this.curate(dayNumber(statement.day));
        return [];
      case 'userDay':
        this.makeUserDay(dayNumber(statement.day), plan.versions);
        return [];
      case 'userDayOfRange':
        for (let day = dayNumber(statement.from); day <= dayNumber(statement.to); day += 1)
          this.makeUserDay(day, plan.newVersions, true);
        return [];
      case 'userTotal':
        this.addTotal(dayNumber(statement.day), plan);
        return [];
      case 'tags':
        this.unload(plan);
        return [];
      case 'guard':
        return [
          { measure: 'rows', amount: '0' },
          { measure: 'users', amount: '0' },
        ];
      default:
        return [];
    }
  }

  text() {
    const sorted = (rows: Iterable<object>) =>
      [...rows].map((row) => JSON.stringify(row)).sort((left, right) => (left < right ? -1 : 1));
    return {
      events: sorted(this.events.values()),
      userDay: sorted(this.userDay),
      userTotal: sorted(this.userTotal.values()),
    };
  }

  curate(day: number): void {
    const best = new Map<string, ReadLine>();
    for (const { key: name, lines } of this.objects()) {
      const dt = dayNumber(/dt=(\d{4}-\d{2}-\d{2})/.exec(name)?.[1] ?? '');
      if (dt < day - 1 || dt > day + LANDING_DAYS_MAX) continue;
      for (const text of lines) {
        const line = readLine(text);
        if (dayOf(line) !== day) continue;
        const key = keyOf(line.at);
        const held = best.get(key);
        if (held === undefined || (held.stub && !line.stub)) best.set(key, line);
      }
    }
    const before = [...this.events.values()].filter(
      (row) => row.day < day && row.day >= day - 30 && !row.line.stub && !row.dup,
    );
    const ids = new Set(
      before.map((row) => `${row.owner}\n${(row.line as { event: EnrichedEvent }).event.eventId}`),
    );
    const orderOf = ({ owner, line }: { owner: string; line: ReadLine }): string | undefined =>
      line.stub ||
      line.event.commerce?.orderId === undefined ||
      line.event.name === 'Order Refunded'
        ? undefined
        : `${owner}\n${line.event.name}\n${line.event.commerce.orderId}`;
    const orders = new Set(before.filter((row) => !row.again).map(orderOf));
    const rows = [...best].map(([key, line]) => ({
      owner: ownerOf(line),
      key,
      line,
      day,
      dup: false,
      again: false,
    }));
    rows.sort((a, b) =>
      a.line.arrivedAt < b.line.arrivedAt
        ? -1
        : a.line.arrivedAt > b.line.arrivedAt
          ? 1
          : a.key < b.key
            ? -1
            : 1,
    );
    for (const row of rows) {
      if (row.line.stub) {
        this.events.set(row.key, row);
        continue;
      }
      const id = `${row.owner}\n${row.line.event.eventId}`;
      row.dup = ids.has(id);
      ids.add(id);
      const order = orderOf(row);
      row.again = !row.dup && order !== undefined && orders.has(order);
      if (order !== undefined && !row.dup) orders.add(order);
      this.events.set(row.key, row);
    }
  }

  dayRows(day: number, versions: readonly string[]): DayRow[] {
    const byKey = new Map<string, DayRow>();
    for (const row of this.events.values()) {
      if (row.day !== day || row.line.stub || row.dup) continue;
      const { event } = row.line;
      for (const version of versions) {
        const definition = definitionOf(version);
        if (!matches(definition.events, event)) continue;
        const isInstant = ['first', 'last', 'timeSince'].includes(definition.measure.op);
        const at = fromRfc3339(event.timestamp) ?? 0;
        const amount = isInstant
          ? null
          : (amountOf(definition.measure as never, event, !row.again) ?? 0);
        if (amount === 0) continue;
        const eventDay =
          definition.period.kind === 'lifetime' ? '' : toUtcDate(utcDayOf(at as never));
        const key = `${row.owner}|${version}|${eventDay}`;
        const made = {
          owner: row.owner,
          version,
          eventDay,
          day,
          amount,
          instant: isInstant ? at : null,
        };
        const held = byKey.get(key);
        byKey.set(
          key,
          held === undefined ? made : { ...made, ...add(held, made, definition.measure.op) },
        );
      }
    }
    return [...byKey.values()];
  }

  makeUserDay(day: number, versions: readonly string[], onlyThese = false): void {
    const others = this.userDay.filter(
      (row) => row.day !== day || (onlyThese && !versions.includes(row.version)),
    );
    this.userDay = [...others, ...this.dayRows(day, versions)];
  }

  addTotal(day: number, plan: NightPlan): void {
    for (const row of this.userDay.filter(
      (each) => each.day === day && plan.versions.includes(each.version),
    )) {
      const key = `${row.owner}|${row.version}|${row.eventDay}`;
      const held = this.userTotal.get(key);
      if (held === undefined)
        this.userTotal.set(key, {
          owner: row.owner,
          version: row.version,
          eventDay: row.eventDay,
          amount: row.amount,
          instant: row.instant,
          through: day,
        });
      else if (held.through < day)
        this.userTotal.set(key, {
          ...held,
          ...add(held, row, definitionOf(row.version).measure.op),
          through: day,
        });
    }
  }

  unload(plan: NightPlan): void {
    const folder = runFolder(plan);
    if ([...this.unloaded.keys()].some((key) => key.startsWith(folder))) {
      const error = new Error('the folder holds something');
      error.name = 'QueryError';
      throw error;
    }
    const cut = dayNumber(plan.cut);
    const first =
      plan.watermark === null || plan.allUsers ? -Infinity : dayNumber(plan.watermark) - 2;
    const owners = new Set(
      [...this.events.values()].filter((row) => row.day >= first).map((row) => row.owner),
    );
    const lines: string[] = [];
    for (const owner of owners) {
      const tiles = new Map<string, { version: string; event_day: string } & Amounts>();
      const parts = [
        ...[...this.userTotal.values()].filter((row) => row.owner === owner),
        ...this.userDay.filter(
          (row) => row.owner === owner && row.day > cut - UNTOTALLED_DAYS && row.day < cut,
        ),
      ];
      for (const row of parts) {
        if (!plan.versions.includes(row.version)) continue;
        const definition: TagDefinition = definitionOf(row.version);
        if (
          definition.period.kind === 'over' &&
          dayNumber(row.eventDay) <= dayNumber(plan.today) - definition.period.length / 86_400_000
        )
          continue;
        const key = `${row.version}|${row.eventDay}`;
        const held = tiles.get(key);
        tiles.set(key, {
          version: row.version,
          event_day: row.eventDay,
          ...(held === undefined
            ? { amount: row.amount, instant: row.instant }
            : add(held, row, definition.measure.op)),
        });
      }
      const origin = parseOriginKey(owner);
      if (origin !== undefined)
        lines.push(
          JSON.stringify({
            tenant: origin.tenant,
            profile_key: origin.user,
            tiles: [...tiles.values()].map((tile) => ({
              ...tile,
              part: '',
              tie: null,
              text: null,
              score: null,
            })),
          }),
        );
    }
    for (let n = 0; n * 3 < lines.length; n += 1)
      this.unloaded.set(`${folder}${n}.gz`, lines.slice(3 * n, 3 * n + 3));
  }
}
