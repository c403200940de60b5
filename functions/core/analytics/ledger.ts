/**
 * The ledger: by minute of arrival, landed = applied + duplicate + parked, and every part of every
 * request that the stream took is enriched. It is closed from the lake, whose lines have keys, so
 * each event counts once however often it was delivered; what is missing is named.
 */
import { invariant } from '../invariant.ts';
import { keyText } from '../profile/position.ts';
import type { EpochMs } from '../time.ts';
import { readEnriched, readRaw } from './ledger-lines.ts';
import { ledgerUnits, type UnitsReport } from './ledger-units.ts';

/**
 * One run holds its range in memory: three entries an event, about 450 bytes each, so 1.3 million
 * events in less than 2 GB. A wider range is several runs.
 */
export const LEDGER_KEYS_MAX = 4_000_000;

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

export interface LedgerReport extends UnitsReport {
  readonly minutes: readonly LedgerMinute[];
  /** Lines of `raw/` that name no unit; they are parked by `enrich` under their position. */
  readonly unreadableRaw: number;
  readonly unreadableEnriched: number;
}

const minuteText = (tenant: string, minute: number): string => `${minute}\n${tenant}`;

export interface Ledger {
  readonly takeRaw: (line: string) => void;
  readonly takeEnriched: (line: string) => void;
  /** Tenants in whose minutes something landed. */
  readonly tenants: () => readonly string[];
  readonly close: (
    counted: readonly (Counted & { readonly tenant: string; readonly minute: number })[],
  ) => LedgerReport;
}

export const openLedger = (
  { from, to }: LedgerRange,
  keysMax: number = LEDGER_KEYS_MAX,
): Ledger => {
  const units = ledgerUnits();
  const keys = new Set<string>();
  const landed = new Map<string, number>();
  const tenants = new Set<string>();
  const unreadable = { raw: 0, enriched: 0 };
  const within = (at: EpochMs): boolean => at >= from && at < to;
  const bounded = (): void =>
    invariant(
      keys.size + units.size() <= keysMax,
      'the range holds more events than one run may: take a shorter one',
    );

  return {
    takeRaw: (line) => {
      const event = readRaw(line);
      if (event === undefined) unreadable.raw += 1;
      else if (within(event.receivedAt)) units.take('raw', event, 0);
      bounded();
    },
    takeEnriched: (line) => {
      const { event, stub, landed: place } = readEnriched(line);
      const index = place?.at.index ?? 0;
      if (event !== undefined && within(event.receivedAt)) units.take('enriched', event, index);
      if (stub !== undefined) units.takeStub(stub, index);
      bounded();
      if (place === undefined) {
        unreadable.enriched += 1;
        return;
      }
      const key = keyText(place.at);
      if (!within(place.arrivedAt) || keys.has(key)) return;
      keys.add(key);
      tenants.add(place.origin.tenant);
      const minute = minuteText(place.origin.tenant, Math.floor(place.arrivedAt / 60_000));
      landed.set(minute, (landed.get(minute) ?? 0) + 1);
    },
    tenants: () => [...tenants],
    close: (counted) => ({
      ...units.close(),
      minutes: minutesOf(landed, counted),
      unreadableRaw: unreadable.raw,
      unreadableEnriched: unreadable.enriched,
    }),
  };
};

const NOTHING: Counted = { applied: 0, duplicate: 0, parked: 0 };

const minutesOf = (
  landed: ReadonlyMap<string, number>,
  counted: readonly (Counted & { readonly tenant: string; readonly minute: number })[],
): readonly LedgerMinute[] => {
  const sums = new Map<string, Counted>();
  for (const { tenant, minute, applied, duplicate, parked } of counted) {
    const sum = sums.get(minuteText(tenant, minute)) ?? NOTHING;
    sums.set(minuteText(tenant, minute), {
      applied: sum.applied + applied,
      duplicate: sum.duplicate + duplicate,
      parked: sum.parked + parked,
    });
  }
  return [...new Set([...landed.keys(), ...sums.keys()])]
    .map((text) => {
      const [minute = '', tenant = ''] = text.split('\n');
      const sum = sums.get(text) ?? NOTHING;
      const count = landed.get(text) ?? 0;
      return {
        tenant,
        minute: Number(minute),
        landed: count,
        ...sum,
        gap: count - sum.applied - sum.duplicate - sum.parked,
      };
    })
    .sort((left, right) => left.minute - right.minute || (left.tenant < right.tenant ? -1 : 1));
};

export const isClosed = ({
  minutes,
  notEnriched,
  notArchived,
  incomplete,
}: LedgerReport): boolean =>
  notEnriched.length + notArchived.length + incomplete.length === 0 &&
  minutes.every(({ gap }) => gap === 0);
