/**
 * Rows of a user's timeline: what arrived, envelope by envelope, with what became of each event and
 * what the fold moved. Nothing is counted from them; a person reads them to see why.
 *
 * A row is text: a head of JSON, then the enriched lines as they stood in the record.
 */
import { utf8Bytes } from '../event/utf8.ts';
import { InvariantViolation, invariant } from '../invariant.ts';
import { days } from '../time.ts';
import type { Step } from './absorb.ts';
import type { Verdict } from './judge.ts';
import type { Envelope, EventLine } from './line.ts';
import { type Moved, movedBetween, nothingMoved } from './moved.ts';
import { keyText } from './position.ts';

export interface TimelineRow {
  /** Sorts by the time that the first event claims. */
  readonly key: string;
  /** Epoch seconds. */
  readonly ttl: number;
  readonly text: string;
}

export const TIMELINE_KEPT_MS = days(30);
/** Of lines; the largest envelope has less. What exceeds it is counted in `cut`. */
export const ROW_LINES_BYTES_MAX = 256 * 1_024;

/** A redelivery knows that an event was told of, not what it did when it came first. */
export type Effect = 'applied' | 'applied, but not its order' | 'duplicate' | 'unknown';

/** One letter per line of a row. */
const LETTERS: Readonly<Record<Effect, string>> = {
  applied: 'a',
  'applied, but not its order': 'o',
  duplicate: 'd',
  unknown: '?',
};
const EFFECTS = new Map(
  Object.entries(LETTERS).map(([effect, letter]) => [letter, effect as Effect]),
);

interface Head {
  /** Of the profile that the fold made; absent in a row of a redelivery. */
  readonly v?: number;
  readonly e: string;
  readonly t?: Moved['tags'];
  readonly i?: Moved['interests'];
  readonly c?: number;
}

export interface TimelineLine {
  readonly text: string;
  readonly effect: Effect;
}

export interface ReadTimelineRow {
  readonly key: string;
  readonly version: number | undefined;
  readonly moved: Moved;
  /** In the order in which they were sent. */
  readonly lines: readonly TimelineLine[];
  /** Lines that were left out for their bytes. */
  readonly cut: number;
}

/** `<originalTimestamp of the first event, else receivedAt>#batchId#part`: the same at every delivery. */
const keyOf = ({ event, batch: { batchId, part } }: EventLine): string =>
  `${event.originalTimestamp ?? event.receivedAt}#${batchId}#${part}`;

const effectOf = (verdict: Exclude<Verdict, { kind: 'parked' }>): Effect => {
  if (verdict.kind === 'duplicate') return 'duplicate';
  return verdict.orderCounts ? 'applied' : 'applied, but not its order';
};

const bounded = (lines: readonly TimelineLine[]): readonly TimelineLine[] => {
  let bytes = 0;
  const tooMany = lines.findIndex(({ text }) => {
    bytes += utf8Bytes(text) + 1;
    return bytes > ROW_LINES_BYTES_MAX;
  });
  return tooMany === -1 ? lines : lines.slice(0, tooMany);
};

const rowOf = (
  first: EventLine,
  lines: readonly TimelineLine[],
  fold: { readonly version: number; readonly moved: Moved } | undefined,
): TimelineRow => {
  const kept = bounded(lines);
  const cut = lines.length - kept.length;
  const head: Head = {
    ...(fold !== undefined && { v: fold.version, t: fold.moved.tags, i: fold.moved.interests }),
    e: kept.map(({ effect }) => LETTERS[effect]).join(''),
    ...(cut > 0 && { c: cut }),
  };
  return {
    key: keyOf(first),
    ttl: Math.ceil((first.arrivedAt + TIMELINE_KEPT_MS) / 1_000),
    text: [JSON.stringify(head), ...kept.map(({ text }) => text)].join('\n'),
  };
};

const eventsOf = ({ lines }: Envelope): readonly EventLine[] =>
  lines.filter((line) => line.kind === 'event');

/**
 * The rows of a step that has been written: one per envelope that it took. What was set aside is
 * kept elsewhere with its bytes; an envelope of nothing else has no row.
 */
export const timelineRows = (
  envelopes: readonly Envelope[],
  { after, taken, verdicts }: Step,
): readonly TimelineRow[] => {
  const judged = new Map(verdicts.map((verdict) => [keyText(verdict.line.at), verdict]));
  const moved = after === undefined ? nothingMoved : movedBetween(after.from, after.profile.facets);
  const rows = new Map<string, TimelineRow>();
  for (const envelope of envelopes.slice(0, taken)) {
    const events = eventsOf(envelope);
    const [first] = events;
    if (first === undefined || rows.has(keyOf(first))) continue;
    const isKnown = judged.has(keyText(first.at));
    const lines = events.flatMap((line): TimelineLine[] => {
      const verdict = judged.get(keyText(line.at));
      if (verdict === undefined) return [{ text: line.text, effect: 'unknown' }];
      return verdict.kind === 'parked' ? [] : [{ text: line.text, effect: effectOf(verdict) }];
    });
    if (lines.length === 0) continue;
    const applied = lines.some(({ effect }) => effect.startsWith('applied'));
    const version = after?.profile.version;
    const fold =
      isKnown && version !== undefined
        ? { version, moved: applied ? moved : nothingMoved }
        : undefined;
    rows.set(keyOf(first), rowOf(first, lines, fold));
  }
  return [...rows.values()];
};

const headIn = (text: string): Head => {
  try {
    return JSON.parse(text) as Head;
  } catch {
    throw new InvariantViolation('a timeline row begins with JSON');
  }
};

/** Throws InvariantViolation on nonsense: what was stored is ours. */
export const readTimelineRow = ({ key, text }: TimelineRow): ReadTimelineRow => {
  const [headText = '', ...texts] = text.split('\n');
  const { v, e, t, i, c } = headIn(headText);
  invariant(typeof e === 'string' && e.length === texts.length, 'a row says what became of each');
  return {
    key,
    version: v,
    moved: { tags: t ?? {}, interests: i ?? {} },
    lines: texts.map((line, place) => {
      const effect = EFFECTS.get(e.charAt(place));
      invariant(effect !== undefined, 'a row knows the effect of each line');
      return { text: line, effect };
    }),
    cut: c ?? 0,
  };
};
