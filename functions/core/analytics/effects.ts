/** `fx` as its readers take it: what one applied change of a profile did, minute by minute. */
import type { Fx, FxEvent, MinuteCounts, TextIndex } from '../profile/fx.ts';
import type { EpochMs } from '../time.ts';
import { epochMs } from '../time.ts';

/** One version of a profile that was written, in the order of its table stream's shard. */
export interface Change {
  readonly tenant: string;
  readonly user: string;
  /** Digits as given; 21 to 40 of them. */
  readonly sequence: string;
  /** When the table took it. */
  readonly at: EpochMs;
  readonly effects: Effects;
}

export interface ShortEvent {
  readonly at: EpochMs;
  /** Undefined where its texts were left out for their bytes. */
  readonly name: string | undefined;
  readonly category: string | undefined;
  readonly region: string | undefined;
  readonly page: string | undefined;
  readonly campaign: string | undefined;
  readonly valueMicros: number;
  /** Of an order's lines, else the one that it is about. */
  readonly lines: readonly ShortLine[];
}

export interface ShortLine {
  readonly item: string;
  /** Of one of them; 0 where the event does not say. */
  readonly priceMicros: number;
}

export interface MinuteEffects extends MinuteCounts {
  /** As many as were applied in that minute. */
  readonly events: readonly ShortEvent[];
}

export interface Effects {
  readonly minutes: readonly MinuteEffects[];
  readonly sessions: Fx['sessions'];
  readonly lateForSessions: number;
}

/** Whatever lines look like, the rest of an event counts. */
const linesIn = (
  lines: unknown,
  text: (index: TextIndex) => string | undefined,
): readonly ShortLine[] => {
  if (!Array.isArray(lines)) return [];
  return lines.filter(Array.isArray).flatMap(([index, , priceMicros]) => {
    const item = text(index);
    return item === undefined ? [] : [{ item, priceMicros: Number(priceMicros) || 0 }];
  });
};

const shortEvent = (event: FxEvent, strings: readonly string[]): ShortEvent => {
  const [time, name, category, region, page, campaign, valueMicros, lines] = event;
  const text = (index: TextIndex): string | undefined => strings[index];
  return {
    at: epochMs(time),
    name: text(name),
    category: text(category),
    region: text(region),
    page: text(page),
    campaign: text(campaign),
    valueMicros,
    lines: linesIn(lines, text),
  };
};

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const isFx = (value: unknown): value is Fx => {
  if (typeof value !== 'object' || value === null) return false;
  const { minutes, strings, events, sessions } = value as Partial<Fx>;
  return (
    [minutes, strings, events, sessions].every((list) => Array.isArray(list)) &&
    minutes?.every(({ minute, applied, duplicate, parked }) =>
      [minute, applied, duplicate, parked].every(isCount),
    ) === true &&
    minutes.reduce((sum, { applied }) => sum + applied, 0) === events?.length
  );
};

/** Undefined for what no aggregator of ours wrote. */
export const readFx = (text: string): Fx | undefined => {
  try {
    const fx: unknown = JSON.parse(text);
    return isFx(fx) ? fx : undefined;
  } catch {
    return undefined;
  }
};

/** Undefined where `readFx` is. */
export const readEffects = (text: string): Effects | undefined => {
  const fx = readFx(text);
  if (fx === undefined) return undefined;
  const { strings, events, sessions, lateForSessions } = fx;
  let taken = 0;
  const minutes = fx.minutes.map((counts) => {
    const mine = events.slice(taken, taken + counts.applied);
    taken += counts.applied;
    return { ...counts, events: mine.map((event) => shortEvent(event, strings)) };
  });
  return { minutes, sessions, lateForSessions };
};
