/**
 * Where each event of a request was last seen. Units are compared event by event: a part of which
 * one line is missing is as incomplete as one that is missing whole.
 */
import type { EpochMs } from '../time.ts';
import type { Unit, UnitEvent } from './ledger-lines.ts';

interface Seen {
  readonly unit: Unit;
  readonly receivedAt: EpochMs;
  readonly raw: Set<string>;
  readonly enriched: Set<string>;
}

interface Request {
  readonly requestId: string;
  readonly receivedAt: EpochMs;
  envelopes: number;
  /** By user: how many parts there must be, and which there are. */
  readonly users: Map<string, { readonly parts: number; readonly found: Set<number> }>;
}

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
  readonly take: (from: 'raw' | 'enriched', event: UnitEvent, index: number) => void;
  readonly takeStub: (unit: Unit, index: number) => void;
  /** Events that are held. */
  readonly size: () => number;
  readonly close: () => UnitsReport;
}

const without = (ids: ReadonlySet<string>, others: ReadonlySet<string>): readonly string[] =>
  [...ids].filter((id) => !others.has(id));

const incompleteOf = ({ requestId, receivedAt, envelopes, users }: Request): IncompleteRequest => ({
  requestId,
  receivedAt,
  envelopes,
  found: [...users.values()].reduce((sum, { found }) => sum + found.size, 0),
  missing: [...users].flatMap(([partitionKey, { parts, found }]) =>
    Array.from({ length: parts }, (_, part) => ({ requestId, partitionKey, part })).filter(
      ({ part }) => !found.has(part),
    ),
  ),
});

export const ledgerUnits = (): LedgerUnits => {
  const seen = new Map<string, Seen>();
  const requests = new Map<string, Request>();
  /** Per unit the places of its stubs and of its events: a stub stands for an event of no id. */
  const stubs = new Map<string, Set<number>>();
  const places = new Map<string, Set<number>>();
  let size = 0;

  const note = (of: Map<string, Set<number>>, unit: Unit, index: number): void => {
    const text = unitText(unit);
    const known = of.get(text) ?? new Set();
    of.set(text, known.add(index));
  };
  const request = ({ unit, receivedAt, parts, envelopes }: UnitEvent): void => {
    const { requestId, partitionKey, part } = unit;
    const whole = requests.get(requestId) ?? { requestId, receivedAt, envelopes, users: new Map() };
    requests.set(requestId, whole);
    whole.envelopes = Math.max(whole.envelopes, envelopes);
    const user = whole.users.get(partitionKey) ?? { parts, found: new Set() };
    whole.users.set(partitionKey, user);
    user.found.add(part);
  };
  /** Stubs whose place has no event: each stands for one event that `enrich` parked. */
  const parkedIn = (unit: Unit): number => {
    const text = unitText(unit);
    const known = places.get(text);
    return [...(stubs.get(text) ?? [])].filter((index) => known?.has(index) !== true).length;
  };
  const losses = (from: 'raw' | 'enriched', to: 'raw' | 'enriched'): readonly UnitLoss[] =>
    [...seen.values()]
      .map((one) => ({
        ...one.unit,
        receivedAt: one.receivedAt,
        events: without(one[from], one[to]),
      }))
      .filter(({ events }) => events.length > 0);

  return {
    take: (from, event, index) => {
      const text = unitText(event.unit);
      const one = seen.get(text) ?? {
        unit: event.unit,
        receivedAt: event.receivedAt,
        raw: new Set(),
        enriched: new Set(),
      };
      seen.set(text, one);
      if (!one[from].has(event.eventId)) size += 1;
      one[from].add(event.eventId);
      if (from === 'enriched') note(places, event.unit, index);
      request(event);
    },
    takeStub: (unit, index) => note(stubs, unit, index),
    size: () => size,
    close: () => ({
      units: seen.size,
      requests: requests.size,
      notEnriched: losses('raw', 'enriched').filter((loss) => loss.events.length > parkedIn(loss)),
      notArchived: losses('enriched', 'raw'),
      incomplete: [...requests.values()]
        .map(incompleteOf)
        .filter(({ found, envelopes }) => found < envelopes),
    }),
  };
};
