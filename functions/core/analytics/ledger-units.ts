/**
 * Where each event of a request was last seen. Units are compared event by event: a part of which
 * one line is missing is as incomplete as one that is missing whole.
 */
import { type EpochMs, epochMs } from '../time.ts';
import type { Unit, UnitEvent } from './ledger-lines.ts';

/** Lists made anew for each event: there are millions of units, most of one event, none of over 64. */
interface Seen extends Omit<UnitEvent, 'eventId'> {
  raw: readonly string[];
  enriched: readonly string[];
  /** Where the enriched ones stood in their raw records. */
  places: readonly number[];
}

type Folder = 'raw' | 'enriched';

const NONE: readonly never[] = [];

export interface UnitLoss extends Unit {
  readonly receivedAt: EpochMs;
  /** Ids of the events that are missing. */
  readonly events: readonly string[];
}

export interface IncompleteRequest {
  readonly requestId: string;
  readonly receivedAt: EpochMs;
  readonly found: number;
  readonly envelopes: number;
  /** Missing parts of users of whom another part is there; of the rest nothing says whose it was. */
  readonly missing: readonly Unit[];
}

export interface UnitsReport {
  readonly units: number;
  readonly requests: number;
  /** In `raw/` and not in `enriched/`: lost in `enrich`, or still on its way. */
  readonly notEnriched: readonly UnitLoss[];
  /** In `enriched/` and not in `raw/`: the archive lacks it, or will have it shortly. */
  readonly notArchived: readonly UnitLoss[];
  /** Fewer envelopes than the request had: lost before `enrich`. */
  readonly incomplete: readonly IncompleteRequest[];
}

const unitText = ({ requestId, partitionKey, part }: Unit): string =>
  `${requestId}\n${part}\n${partitionKey}`;

export interface LedgerUnits {
  readonly take: (from: Folder, event: UnitEvent, index: number) => void;
  readonly takeStub: (unit: Unit, index: number) => void;
  /** Events that are held. */
  readonly size: () => number;
  readonly close: () => UnitsReport;
}

const incompleteIn = (seen: Iterable<Seen>): readonly (IncompleteRequest | undefined)[] => {
  const requests = Map.groupBy(seen, ({ unit }) => unit.requestId);
  return [...requests].map(([requestId, units]) => {
    const envelopes = Math.max(...units.map((one) => one.envelopes));
    if (units.length >= envelopes) return undefined;
    const users = Map.groupBy(units, ({ unit }) => unit.partitionKey);
    const missing = [...users].flatMap(([partitionKey, mine]) =>
      Array.from({ length: mine[0]?.parts ?? 0 }, (_, part) => ({ requestId, partitionKey, part })),
    );
    return {
      requestId,
      receivedAt: units[0]?.receivedAt ?? epochMs(0),
      found: units.length,
      envelopes,
      missing: missing.filter(
        ({ partitionKey, part }) =>
          users.get(partitionKey)?.every(({ unit }) => unit.part !== part) === true,
      ),
    };
  });
};

export const ledgerUnits = (): LedgerUnits => {
  const seen = new Map<string, Seen>();
  /** Per unit the places of its stubs: each stands for an event of no id. */
  const stubs = new Map<string, Set<number>>();
  let size = 0;

  /** Stubs whose place has no event: each stands for one event that `enrich` parked. */
  const parkedIn = (one: Seen): number =>
    [...(stubs.get(unitText(one.unit)) ?? [])].filter((index) => !one.places.includes(index))
      .length;
  const lossOf = (one: Seen, from: Folder, to: Folder): UnitLoss => ({
    ...one.unit,
    receivedAt: one.receivedAt,
    events: one[from].filter((id) => !one[to].includes(id)),
  });

  return {
    take: (from, { eventId, ...event }, index) => {
      const text = unitText(event.unit);
      const one = seen.get(text) ?? { ...event, raw: NONE, enriched: NONE, places: NONE };
      seen.set(text, one);
      if (from === 'enriched' && !one.places.includes(index)) one.places = [...one.places, index];
      if (one[from].includes(eventId)) return;
      size += 1;
      // The same text of both folders is kept once.
      one[from] = [...one[from], one.raw.find((id) => id === eventId) ?? eventId];
    },
    takeStub: (unit, index) => {
      const text = unitText(unit);
      stubs.set(text, (stubs.get(text) ?? new Set()).add(index));
    },
    size: () => size,
    close: () => {
      const all = [...seen.values()];
      return {
        units: all.length,
        requests: new Set(all.map(({ unit }) => unit.requestId)).size,
        notEnriched: all
          .filter((one) => lossOf(one, 'raw', 'enriched').events.length > parkedIn(one))
          .map((one) => lossOf(one, 'raw', 'enriched')),
        notArchived: all
          .map((one) => lossOf(one, 'enriched', 'raw'))
          .filter(({ events }) => events.length > 0),
        incomplete: incompleteIn(all).filter((request) => request !== undefined),
      };
    },
  };
};
