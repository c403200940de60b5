/**
 * One step of a profile: envelopes in, the next version out, or nothing where all of them are
 * redeliveries. Pure, so a lost race is mended by doing it again on the winner's profile.
 */
import { invariant } from '../invariant.ts';
import { type EpochMs, epochMs } from '../time.ts';
import { encodeProfile, type Profile } from './codec.ts';
import {
  type CountedEvent,
  type Facets,
  facetDifferences,
  foldFacets,
  noFacets,
  type ProfileDefinitions,
} from './facets.ts';
import { isPassed } from './fence.ts';
import { arrivalMinute, encodeFx, type FxParts, type MinuteCounts } from './fx.ts';
import { judgeEnvelope, rememberEnvelope, type Verdict } from './judge.ts';
import { asideLine, type Envelope, type EventLine, type Line, type ParkedLine } from './line.ts';
import { type Memory, noMemory } from './memory.ts';
import { keyText } from './position.ts';
import { learntWith } from './positives.ts';
import { ANONYMOUS_KEPT, isExpired, KNOWN_KEPT, type StoredProfile } from './stored-profile.ts';

/** New events of one write; more means several writes, cut between envelopes. */
export const NEW_EVENTS_MAX = 64;
/** Minutes of arrival of one write, because `fx` names each; copies alone may span hours. */
export const MINUTES_MAX = 32;

export interface AbsorbContext {
  readonly definitions: ProfileDefinitions;
  readonly now: EpochMs;
}

export interface Step {
  /** Undefined where every envelope taken was a redelivery: no write, no count. */
  readonly after?: {
    readonly profile: Profile;
    /** What the events were folded into. */
    readonly from: Facets;
    readonly fx: string;
    /** Both, as they are written. */
    readonly stored: StoredProfile;
  };
  /** Envelopes from the front that are done once `after` is written. */
  readonly taken: number;
  readonly verdicts: readonly Verdict[];
}

interface Judged {
  readonly memory: Memory;
  readonly verdicts: readonly Verdict[];
  readonly taken: number;
}

const isApplied = (verdict: Verdict): boolean => verdict.kind === 'applied';

const judge = (before: Memory, envelopes: readonly Envelope[]): Judged => {
  let memory = before;
  let news = 0;
  let taken = 0;
  const minutes = new Set<number>();
  const verdicts: Verdict[] = [];
  for (const envelope of envelopes) {
    if (!isPassed(memory.fences, envelope.position)) {
      const judged = judgeEnvelope(memory, envelope.lines);
      news += judged.filter(isApplied).length;
      for (const { line } of judged) minutes.add(arrivalMinute(line.arrivedAt));
      const isTooMuch = news > NEW_EVENTS_MAX || minutes.size > MINUTES_MAX;
      if (isTooMuch && verdicts.length > 0) break;
      verdicts.push(...judged);
      memory = rememberEnvelope(memory, envelope, judged);
    }
    taken += 1;
  }
  return { memory, verdicts, taken };
};

const countedOf = (verdicts: readonly Verdict[]): readonly CountedEvent[] =>
  verdicts.flatMap((verdict) => {
    if (verdict.kind !== 'applied') return [];
    const { event, timestamp, arrivedAt } = verdict.line;
    return [{ event, timestamp, arrivedAt, orderCounts: verdict.orderCounts }];
  });

const ordersOf = (verdict: Verdict): number =>
  verdict.kind === 'applied' && verdict.orderCounts
    ? (verdict.line.event.commerce?.orders ?? 0)
    : 0;

const minutesOf = (verdicts: readonly Verdict[]): readonly MinuteCounts[] => {
  const sums = new Map<number, Record<Verdict['kind'] | 'orders', number>>();
  for (const verdict of verdicts) {
    const minute = arrivalMinute(verdict.line.arrivedAt);
    const sum = sums.get(minute) ?? { applied: 0, duplicate: 0, parked: 0, orders: 0 };
    sum[verdict.kind] += 1;
    sum.orders += ordersOf(verdict);
    sums.set(minute, sum);
  }
  return [...sums]
    .map(([minute, { orders, ...sum }]) => ({ minute, ...sum, ...(orders !== 0 && { orders }) }))
    .sort((left, right) => left.minute - right.minute);
};

/** An expired item is overwritten: its memory and version go on, what it counted is lost. */
const facetsBefore = (
  before: Profile | undefined,
  firstArrival: EpochMs,
  { definitions, now }: AbsorbContext,
): Facets => {
  if (before === undefined) return noFacets(definitions);
  return isExpired(before.ttl, now) ? noFacets(definitions, firstArrival) : before.facets;
};

const versionAfter = (before: Profile | undefined, now: EpochMs): number => {
  if (before === undefined) return now;
  return isExpired(before.ttl, now) ? Math.max(before.version + 1, now) : before.version + 1;
};

const profileAfter = (
  before: Profile | undefined,
  { memory, verdicts }: Judged,
  facets: Facets,
  now: EpochMs,
): Profile => {
  const [first] = verdicts;
  invariant(first !== undefined, 'a profile changes by at least one line');
  const arrivals = verdicts.map(({ line }) => line.arrivedAt);
  const newestArrivedAt = epochMs(Math.max(before?.newestArrivedAt ?? 0, ...arrivals));
  const isKnown = verdicts.some(
    (verdict) => verdict.kind === 'applied' && verdict.line.event.userId !== undefined,
  );
  const known = isKnown || (before?.known ?? false);
  return {
    version: versionAfter(before, now),
    ttl: Math.ceil((newestArrivedAt + (known ? KNOWN_KEPT : ANONYMOUS_KEPT)) / 1_000),
    since: before?.since ?? first.line.arrivedAt,
    newestArrivedAt,
    known,
    duplicates:
      (before?.duplicates ?? 0) + verdicts.filter(({ kind }) => kind === 'duplicate').length,
    memory,
    facets,
  };
};

/** A step before it is written. */
export interface Folded extends Pick<Step, 'taken' | 'verdicts'> {
  readonly after?: {
    readonly profile: Profile;
    readonly from: Facets;
    readonly effects: FxParts;
  };
}

export const foldEnvelopes = (
  before: Profile | undefined,
  envelopes: readonly Envelope[],
  context: AbsorbContext,
): Folded => {
  const judged = judge(before?.memory ?? noMemory, envelopes);
  const { verdicts, taken } = judged;
  const [first] = verdicts;
  if (first === undefined) return { taken, verdicts };
  const facets = facetsBefore(before, first.line.arrivedAt, context);
  const events = countedOf(verdicts);
  const folded = foldFacets(facets, events, context.definitions);
  const effects = {
    minutes: minutesOf(verdicts),
    events,
    before: learntWith(facets.positives, events, context.definitions.neighboursMax),
    differences: facetDifferences(facets, folded),
  };
  const profile = profileAfter(before, judged, folded, context.now);
  return { after: { profile, from: facets, effects }, taken, verdicts };
};

const stepOf = (...given: Parameters<typeof foldEnvelopes>): Step => {
  const { after, taken, verdicts } = foldEnvelopes(...given);
  if (after === undefined) return { taken, verdicts };
  const { profile, from, effects } = after;
  const fx = encodeFx(effects);
  // What cannot be encoded is a bug like one of the fold: here it meets the same treatment.
  const stored = encodeProfile(profile, fx);
  return { after: { profile, from, fx, stored }, taken, verdicts };
};

const traceOf = (bug: unknown): string =>
  bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);

/** The lines whose fold throws by itself, with what it threw. */
const culprits = (
  lines: readonly EventLine[],
  { definitions }: AbsorbContext,
): ReadonlyMap<string, string> => {
  const traces = new Map<string, string>();
  for (const { event, timestamp, arrivedAt, at } of lines) {
    try {
      const alone: CountedEvent = { event, timestamp, arrivedAt, orderCounts: true };
      foldFacets(noFacets(definitions), [alone], definitions);
    } catch (bug) {
      traces.set(keyText(at), traceOf(bug));
    }
  }
  return traces;
};

const setAside = (line: Line, traces: ReadonlyMap<string, string>): Line => {
  const trace = traces.get(keyText(line.at));
  return line.kind === 'parked' || trace === undefined
    ? line
    : asideLine(line, { reason: 'bug', detail: 'Folding this event threw.', trace });
};

/**
 * Takes envelopes in raw order from the front. A line whose fold throws is set aside like one that
 * cannot be read, and its neighbours count; where none throws alone, all lines of the write are set
 * aside, and no more than those. Throws where not even that helps: then it is the profile.
 */
export const absorb = (
  before: Profile | undefined,
  envelopes: readonly Envelope[],
  context: AbsorbContext,
): Step => {
  try {
    return stepOf(before, envelopes, context);
  } catch (bug) {
    const { taken } = judge(before?.memory ?? noMemory, envelopes);
    const failing = envelopes.slice(0, taken);
    const lines = failing.flatMap((envelope) =>
      envelope.lines.filter((line) => line.kind === 'event'),
    );
    const alone = culprits(lines, context);
    const traces =
      alone.size > 0 ? alone : new Map(lines.map(({ at }) => [keyText(at), traceOf(bug)]));
    const mended = failing.map((envelope) => ({
      ...envelope,
      lines: envelope.lines.map((line) => setAside(line, traces)),
    }));
    return stepOf(before, mended, context);
  }
};

/** What was set aside here, with its bytes; a stub's bytes are parked already. */
export const asideOf = (verdicts: readonly Verdict[]): readonly ParkedLine[] =>
  verdicts.flatMap((verdict) =>
    verdict.kind === 'parked' && verdict.line.aside !== undefined ? [verdict.line] : [],
  );
