/**
 * The ledger: by minute of arrival, landed = applied + duplicate + parked, and every part of every
 * request that the stream took is enriched. It is closed from the lake, whose lines have keys, so
 * each event counts once however often it was delivered; what is missing is named.
 */
import { originKeyOf, parseOriginKey } from '../event/event.ts';
import { invariant } from '../invariant.ts';
import { isRawPosition, keyText } from '../profile/position.ts';
import { type EpochMs, fromRfc3339 } from '../time.ts';

/** One run holds the keys of its range in memory; a wider range is several runs. */
export const LEDGER_KEYS_MAX = 5_000_000;

export interface LedgerRange {
  readonly from: EpochMs;
  /** Exclusive. */
  readonly to: EpochMs;
}

export interface Counted {
  readonly applied: number;
  readonly duplicate: number;
  readonly parked: number;
}

export interface LedgerMinute extends Counted {
  readonly tenant: string;
  readonly minute: number;
  readonly landed: number;
  /** landed − (applied + duplicate + parked): still in flight, or lost; below 0, counted twice. */
  readonly gap: number;
}

export interface Unit {
  readonly requestId: string;
  readonly partitionKey: string;
  readonly part: number;
}

export interface LedgerReport {
  readonly minutes: readonly LedgerMinute[];
  readonly units: number;
  readonly requests: number;
  /** In `raw/` and not in `enriched/`: lost in `enrich`, or still on its way. */
  readonly notEnriched: readonly Unit[];
  /** Fewer envelopes in `raw/` than the request had: lost before `enrich`. */
  readonly incomplete: readonly {
    readonly requestId: string;
    readonly found: number;
    readonly envelopes: number;
  }[];
  /** Lines of `raw/` that name no unit; they are parked by `enrich` under their position. */
  readonly unreadableRaw: number;
  readonly unreadableEnriched: number;
}

type Members = Readonly<Record<string, unknown>>;

const objectIn = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};

const parsed = (line: string): Members => {
  try {
    return objectIn(JSON.parse(line));
  } catch {
    return {};
  }
};

const instantIn = (value: unknown): EpochMs | undefined =>
  typeof value === 'string' ? fromRfc3339(value) : undefined;

const unitOf = (partitionKey: unknown, { requestId, part }: Members): Unit | undefined =>
  typeof requestId === 'string' && typeof part === 'number' && typeof partitionKey === 'string'
    ? { requestId, partitionKey, part }
    : undefined;

const eventKey = (value: Members): string =>
  originKeyOf(value as unknown as Parameters<typeof originKeyOf>[0]);

const unitText = ({ requestId, partitionKey, part }: Unit): string =>
  `${requestId}\n${part}\n${partitionKey}`;

const minuteText = (tenant: string, minute: number): string => `${minute}\n${tenant}`;

export interface Ledger {
  readonly takeRaw: (line: string) => void;
  readonly takeEnriched: (line: string) => void;
  /** Tenants and minutes in which something landed. */
  readonly tenants: () => readonly string[];
  readonly close: (
    counted: readonly (Counted & { readonly tenant: string; readonly minute: number })[],
  ) => LedgerReport;
}

export const openLedger = ({ from, to }: LedgerRange): Ledger => {
  const rawUnits = new Map<string, Unit>();
  const envelopesOf = new Map<string, number>();
  const enrichedUnits = new Set<string>();
  const keys = new Set<string>();
  const landed = new Map<string, number>();
  const tenants = new Set<string>();
  const unreadable = { raw: 0, enriched: 0 };
  const within = (at: EpochMs): boolean => at >= from && at < to;
  const bounded = (): void =>
    invariant(
      keys.size + rawUnits.size <= LEDGER_KEYS_MAX,
      'the range holds more events than one run may: take a shorter one',
    );

  return {
    takeRaw: (line) => {
      const value = parsed(line);
      const ingest = objectIn(value.ingest);
      const unit = unitOf(eventKey(value), ingest);
      const receivedAt = instantIn(value.receivedAt);
      const { envelopes } = ingest;
      if (unit === undefined || receivedAt === undefined || typeof envelopes !== 'number') {
        unreadable.raw += 1;
        return;
      }
      if (!within(receivedAt)) return;
      rawUnits.set(unitText(unit), unit);
      envelopesOf.set(unit.requestId, envelopes);
      bounded();
    },
    takeEnriched: (line) => {
      const value = parsed(line);
      const isStub = value.stub === 1;
      const partitionKey = isStub ? value.partitionKey : eventKey(value);
      const unit = unitOf(partitionKey, isStub ? value : objectIn(value.ingest));
      if (unit !== undefined) enrichedUnits.add(unitText(unit));
      const arrivedAt = instantIn(value.arrivedAt);
      const origin = typeof partitionKey === 'string' ? parseOriginKey(partitionKey) : undefined;
      if (!isRawPosition(value.at) || arrivedAt === undefined || origin === undefined) {
        unreadable.enriched += 1;
        return;
      }
      const key = keyText(value.at);
      if (!within(arrivedAt) || keys.has(key)) return;
      keys.add(key);
      tenants.add(origin.tenant);
      const minute = minuteText(origin.tenant, Math.floor(arrivedAt / 60_000));
      landed.set(minute, (landed.get(minute) ?? 0) + 1);
      bounded();
    },
    tenants: () => [...tenants],
    close: (counted) => {
      const sums = new Map<string, Counted>();
      for (const { tenant, minute, ...one } of counted) {
        const sum = sums.get(minuteText(tenant, minute));
        sums.set(minuteText(tenant, minute), {
          applied: (sum?.applied ?? 0) + one.applied,
          duplicate: (sum?.duplicate ?? 0) + one.duplicate,
          parked: (sum?.parked ?? 0) + one.parked,
        });
      }
      const found = new Map<string, number>();
      for (const { requestId } of rawUnits.values()) {
        found.set(requestId, (found.get(requestId) ?? 0) + 1);
      }
      return {
        minutes: minutesOf(landed, sums),
        units: rawUnits.size,
        requests: envelopesOf.size,
        notEnriched: [...rawUnits]
          .filter(([text]) => !enrichedUnits.has(text))
          .map(([, unit]) => unit),
        incomplete: [...envelopesOf]
          .map(([requestId, envelopes]) => ({
            requestId,
            found: found.get(requestId) ?? 0,
            envelopes,
          }))
          .filter((request) => request.found < request.envelopes),
        unreadableRaw: unreadable.raw,
        unreadableEnriched: unreadable.enriched,
      };
    },
  };
};

const NOTHING: Counted = { applied: 0, duplicate: 0, parked: 0 };

const minutesOf = (
  landed: ReadonlyMap<string, number>,
  sums: ReadonlyMap<string, Counted>,
): readonly LedgerMinute[] =>
  [...new Set([...landed.keys(), ...sums.keys()])]
    .map((text) => {
      const [minute = '', tenant = ''] = text.split('\n');
      const { applied, duplicate, parked } = sums.get(text) ?? NOTHING;
      const count = landed.get(text) ?? 0;
      return {
        tenant,
        minute: Number(minute),
        landed: count,
        ...{ applied, duplicate, parked },
        gap: count - applied - duplicate - parked,
      };
    })
    .sort((left, right) => left.minute - right.minute || (left.tenant < right.tenant ? -1 : 1));

export const isClosed = ({ minutes, notEnriched, incomplete }: LedgerReport): boolean =>
  notEnriched.length === 0 && incomplete.length === 0 && minutes.every(({ gap }) => gap === 0);
