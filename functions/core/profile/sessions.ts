/**
 * A user's sessions: intervals of event time alone, apart by more than 30 minutes; the last 4.
 *
 * An interval keeps the id that it was born with, a merged one the older's. A client's own session
 * id is a label only. What is dropped leaves a floor, the end of the newest interval dropped:
 * an event up to 30 minutes after it belonged to that one, or came too late to say, and is counted
 * as late.
 */
import { hash64Hex } from '../hash.ts';
import { invariant } from '../invariant.ts';
import { packSigned, packUnsigned, readPacked } from '../tags/packed-integers.ts';
import { clipUtf8, jsonBytes } from '../tags/text-bytes.ts';
import { type EpochMs, epochMs, minutes } from '../time.ts';

export const SESSIONS_MAX = 4;
export const SESSION_GAP_MS = minutes(30);
export const SESSIONS_BYTES_MAX = 512;
const TEXT_BYTES_MAX = 48;

/** A text that an event gave at an instant. */
export interface Dated {
  readonly text: string;
  readonly at: EpochMs;
}

export interface Session {
  /** 16 hex digits. */
  readonly id: string;
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly events: number;
  /** The client's session id, of the earliest event that has one. */
  readonly label?: Dated;
  /** Page of the earliest and of the latest page view. */
  readonly entry?: Dated;
  readonly exit?: Dated;
}

export interface Sessions {
  /** Oldest first. */
  readonly kept: readonly Session[];
  readonly floor: EpochMs | undefined;
}

export interface SessionEvent {
  readonly user: string;
  readonly eventId: string;
  readonly at: EpochMs;
  readonly label: string | undefined;
  readonly page: string | undefined;
}

export const noSessions: Sessions = { kept: [], floor: undefined };

const dated = (text: string | undefined, at: EpochMs): Dated | undefined =>
  text === undefined || text === '' ? undefined : { text: clipUtf8(text, TEXT_BYTES_MAX), at };

/** An interval of one event, before it has an id. */
const momentOf = ({ at, label, page }: SessionEvent): Omit<Session, 'id'> => {
  const labelled = dated(label, at);
  const viewed = dated(page, at);
  return {
    start: at,
    end: at,
    events: 1,
    ...(labelled && { label: labelled }),
    ...(viewed && { entry: viewed, exit: viewed }),
  };
};

const earlier = (left: Dated | undefined, right: Dated | undefined): Dated | undefined =>
  left === undefined || right === undefined ? (left ?? right) : right.at < left.at ? right : left;
const later = (left: Dated | undefined, right: Dated | undefined): Dated | undefined =>
  left === undefined || right === undefined ? (left ?? right) : right.at >= left.at ? right : left;

/** The first of the two gives its id. */
const joined = (older: Session, other: Omit<Session, 'id'>): Session => {
  const label = earlier(older.label, other.label);
  const entry = earlier(older.entry, other.entry);
  const exit = later(older.exit, other.exit);
  return {
    id: older.id,
    start: epochMs(Math.min(older.start, other.start)),
    end: epochMs(Math.max(older.end, other.end)),
    events: older.events + other.events,
    ...(label && { label }),
    ...(entry && { entry }),
    ...(exit && { exit }),
  };
};

export interface SessionStep {
  readonly sessions: Sessions;
  /** The intervals that the event touched, as they were and as they are. */
  readonly before: readonly Session[];
  readonly after: readonly Session[];
  readonly late: boolean;
}

const idOf = ({ user, eventId }: SessionEvent): string => hash64Hex(`${user}\n${eventId}`);

const opened = ({ kept, floor }: Sessions, born: Session): SessionStep => {
  const all = [...kept, born].sort((left, right) => left.start - right.start);
  const dropped = all.slice(0, Math.max(0, all.length - SESSIONS_MAX));
  return {
    sessions: { kept: all.slice(dropped.length), floor: dropped.at(-1)?.end ?? floor },
    before: [],
    after: [born],
    late: false,
  };
};

export const addToSessions = (sessions: Sessions, event: SessionEvent): SessionStep => {
  const { kept, floor } = sessions;
  const { at } = event;
  if (floor !== undefined && at <= floor + SESSION_GAP_MS) {
    return { sessions, before: [], after: [], late: true };
  }
  const touches = ({ start, end }: Session): boolean =>
    at >= start - SESSION_GAP_MS && at <= end + SESSION_GAP_MS;
  // At most two intervals are near enough, and the older of them comes first.
  const before = kept.filter(touches);
  const [oldest, newer] = before;
  const moment = momentOf(event);
  if (oldest === undefined) return opened(sessions, { id: idOf(event), ...moment });
  const grown = joined(newer === undefined ? oldest : joined(oldest, newer), moment);
  const others = kept.filter((session) => session !== newer);
  return {
    // It stays in its place: between it and its neighbours there was a gap.
    sessions: { kept: others.map((each) => (each === oldest ? grown : each)), floor },
    before,
    after: [grown],
    late: false,
  };
};
type StoredSession = readonly [id: string, numbers: string, ...texts: string[]];
export type StoredSessions = readonly [floor: number, ...sessions: StoredSession[]];

const TEXTS = ['label', 'entry', 'exit'] as const;

const encodeSession = (session: Session): StoredSession => {
  const { id, start, end, events } = session;
  let numbers = packUnsigned(start) + packUnsigned(end - start) + packUnsigned(events);
  const texts: string[] = [];
  for (const name of TEXTS) {
    const { text, at } = session[name] ?? { text: '', at: start };
    numbers += packSigned(at - start);
    // An exit that is the entry's page is not written twice.
    texts.push(name === 'exit' && text === session.entry?.text ? '' : text);
  }
  while (texts.at(-1) === '') texts.pop();
  return [id, numbers, ...texts];
};

export const encodeSessions = ({ kept, floor }: Sessions): StoredSessions => [
  floor ?? -1,
  ...kept.map(encodeSession),
];

/** Over the bytes, labels and pages go, those of the oldest session first; its times never do. */
export const boundSessions = (sessions: Sessions): Sessions => {
  const kept = [...sessions.kept];
  for (let at = 0; at < kept.length; at += 1) {
    if (jsonBytes(encodeSessions({ ...sessions, kept })) <= SESSIONS_BYTES_MAX) break;
    const session = kept[at];
    invariant(session !== undefined, 'the loop stays inside the list');
    const { id, start, end, events } = session;
    kept[at] = { id, start, end, events };
  }
  return { ...sessions, kept };
};

const decodeSession = ([id, numbers, label, entry, exit]: StoredSession): Session => {
  const reader = readPacked(numbers);
  const start = epochMs(reader.unsigned());
  const end = epochMs(start + reader.unsigned());
  const events = reader.unsigned();
  const read = (text: string | undefined): Dated | undefined => {
    const at = epochMs(start + reader.signed());
    return text === undefined || text === '' ? undefined : { text, at };
  };
  const [labelled, entered, left] = [read(label), read(entry), read(exit || entry)];
  return {
    id,
    start,
    end,
    events,
    ...(labelled && { label: labelled }),
    ...(entered && { entry: entered }),
    ...(left && { exit: left }),
  };
};

export const decodeSessions = ([floor, ...sessions]: StoredSessions): Sessions => ({
  floor: floor < 0 ? undefined : epochMs(floor),
  kept: sessions.map(decodeSession),
});
