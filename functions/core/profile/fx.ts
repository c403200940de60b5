/**
 * The effects of one version of a profile, in short: what `tally` adds up, once per applied change,
 * because it lies in the item that changed. Nothing global is counted from an event stream.
 */
import type { JsonObject } from '../event/event.ts';
import { utf8Bytes } from '../event/utf8.ts';
import { invariant } from '../invariant.ts';
import { jsonBytes } from '../tags/text-bytes.ts';
import type { EpochMs } from '../time.ts';
import type { CountedEvent, FacetDifferences } from './facets.ts';
import { MINUTE_MS, packBefore, positivesPacker } from './fx-positives.ts';
import type { Positives } from './positives.ts';

export const FX_BYTES_MAX = 16 * 1_024;
/** Entry and exit pages of the sessions that changed: what is left beside all numbers. */
export const FX_PAGES_BYTES_MAX = 3 * 1_024;
export const FX_LINES_MAX = 20;
/** A longer text is clipped: one event's must not cost all others theirs. */
export const FX_TEXT_CHARACTERS_MAX = 128;

export interface MinuteCounts {
  /** Whole minutes since 1970 of `arrivedAt`. */
  readonly minute: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly parked: number;
  /** Net of cancellations, each order once; absent where it is 0. */
  readonly orders?: number;
}

/** Index into `strings`, −1 where the event has none, or where it was left out for its bytes. */
export type TextIndex = number;
export type FxLine = readonly [item: TextIndex, quantity: number, priceMicros: number];
type FxShort = readonly [
  time: number,
  name: TextIndex,
  category: TextIndex,
  region: TextIndex,
  page: TextIndex,
  campaign: TextIndex,
  valueMicros: number,
  lines: readonly FxLine[],
];
/**
 * The last is what it says for items (fx-positives.ts): absent where it says nothing, or where its
 * strings were left out.
 */
export type FxEvent = readonly [...FxShort, positive?: string];

export interface Fx extends FacetDifferences {
  readonly minutes: readonly MinuteCounts[];
  readonly strings: readonly string[];
  /** In the order of `minutes`: the first `applied` of them are of the first minute, and so on. */
  readonly events: readonly FxEvent[];
  /** Positive items before the first of the events, where they can be learnt from (fx-positives.ts). */
  readonly before: string;
  /** Events whose strings were left out; whatever is made from them repeats it as its error. */
  readonly cut: number;
  /** Days of `sessions` whose entry and exit pages were left out. */
  readonly pagesCut: number;
}

interface TextTable {
  readonly indexOf: (text: string | undefined) => TextIndex;
  readonly strings: readonly string[];
}

const textTable = (): TextTable => {
  const places = new Map<string, number>();
  const strings: string[] = [];
  return {
    strings,
    indexOf: (text) => {
      if (text === undefined || text === '') return -1;
      const clipped = text.slice(0, FX_TEXT_CHARACTERS_MAX).toWellFormed();
      const place = places.get(clipped);
      if (place !== undefined) return place;
      places.set(clipped, strings.length);
      return strings.push(clipped) - 1;
    },
  };
};

const textIn = (bag: JsonObject, ...path: readonly string[]): string | undefined => {
  let value: unknown = bag;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return typeof value === 'string' ? value : undefined;
};

/** A page's or an identification's name is its kind; a track's is its own. */
const nameOf = ({ event }: CountedEvent): string =>
  event.kind === 'track' ? event.name : `$${event.kind}`;

const linesOf = ({ event }: CountedEvent, texts: TextTable): readonly FxLine[] => {
  const lines = (event.commerce?.items ?? [])
    .slice(0, FX_LINES_MAX)
    .map(
      ({ productId, quantity, priceMicros }): FxLine => [
        texts.indexOf(productId),
        quantity ?? 1,
        priceMicros ?? 0,
      ],
    );
  const product = textIn(event.properties, 'product_id');
  return lines.length === 0 && product !== undefined ? [[texts.indexOf(product), 1, 0]] : lines;
};

const shortEvent = (counted: CountedEvent, texts: TextTable): FxShort => {
  const { event, timestamp, orderCounts } = counted;
  const { context, properties, enrichment, commerce } = event;
  return [
    timestamp,
    texts.indexOf(nameOf(counted)),
    texts.indexOf(enrichment.categoryVector[0]),
    texts.indexOf(enrichment.geoRegion),
    texts.indexOf(
      textIn(context, 'page', 'path') ??
        textIn(context, 'page', 'url') ??
        textIn(context, 'page', 'name'),
    ),
    texts.indexOf(textIn(properties, 'campaign_id') ?? textIn(context, 'campaign', 'name')),
    orderCounts ? (commerce?.revenueMicros ?? 0) : 0,
    linesOf(counted, texts),
  ];
};

/** Without its items it teaches nothing: until the night, pairs lack what `cut` counts. */
const withoutTexts = ({ timestamp, orderCounts, event }: CountedEvent): FxEvent => [
  timestamp,
  -1,
  -1,
  -1,
  -1,
  -1,
  orderCounts ? (event.commerce?.revenueMicros ?? 0) : 0,
  [],
];

const minuteOf = (at: EpochMs): number => Math.floor(at / MINUTE_MS);

/** Minute by minute, and in order of arrival inside each. */
const inOrderOfMinutes = (
  events: readonly CountedEvent[],
  minutes: readonly MinuteCounts[],
): readonly CountedEvent[] => {
  const places = new Map(minutes.map(({ minute }, place) => [minute, place]));
  const placeOf = ({ arrivedAt }: CountedEvent): number => places.get(minuteOf(arrivedAt)) ?? -1;
  return events.toSorted(
    (left, right) => placeOf(left) - placeOf(right) || left.arrivedAt - right.arrivedAt,
  );
};

export interface FxParts {
  readonly minutes: readonly MinuteCounts[];
  readonly events: readonly CountedEvent[];
  readonly before: Positives;
  readonly differences: FacetDifferences;
}

/** An import may open a session a day with pages of its own: the numbers stay, the last pages go. */
const boundPages = (sessions: Fx['sessions']): Pick<Fx, 'sessions' | 'pagesCut'> => {
  let bytes = 0;
  const tooMany = sessions.findIndex(({ entries, exits }) => {
    bytes += jsonBytes(entries) + jsonBytes(exits);
    return bytes > FX_PAGES_BYTES_MAX;
  });
  if (tooMany === -1) return { sessions, pagesCut: 0 };
  const bare = sessions.slice(tooMany).map((day) => ({ ...day, entries: {}, exits: {} }));
  return { sessions: [...sessions.slice(0, tooMany), ...bare], pagesCut: bare.length };
};

const withTexts = (
  { minutes, before, differences }: FxParts,
  events: readonly CountedEvent[],
  whole: number,
): Fx => {
  const texts = textTable();
  const listed = packBefore(before, minutes, texts.indexOf);
  const packed = positivesPacker(minutes, texts.indexOf);
  const shorts = events.map((counted, place): FxEvent => {
    if (place >= whole) return withoutTexts(counted);
    const short = shortEvent(counted, texts);
    return [...short, ...packed(counted, short[7])];
  });
  return {
    minutes,
    strings: texts.strings,
    events: shorts,
    before: listed,
    ...differences,
    ...boundPages(differences.sessions),
    cut: events.length - whole,
  };
};

const jsonOf = (fx: Fx): string => JSON.stringify(fx);

/** The effects as text of at most 16 KB: over it, the last events lose their strings, and say so. */
export const encodeFx = (parts: FxParts): string => {
  const events = inOrderOfMinutes(parts.events, parts.minutes);
  const whole = jsonOf(withTexts(parts, events, events.length));
  if (utf8Bytes(whole) <= FX_BYTES_MAX) return whole;
  let fits = 0;
  let tooMany = events.length;
  let best = jsonOf(withTexts(parts, events, 0));
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    const text = jsonOf(withTexts(parts, events, middle));
    if (utf8Bytes(text) > FX_BYTES_MAX) tooMany = middle;
    else {
      fits = middle;
      best = text;
    }
  }
  invariant(utf8Bytes(best) <= FX_BYTES_MAX, 'effects without strings fit into 16 KB');
  return best;
};

export const arrivalMinute = minuteOf;
