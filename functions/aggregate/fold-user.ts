import type { RedriveOutcome } from '../core/failed/outcome.ts';
import { absorb, asideOf, type Step } from '../core/profile/absorb.ts';
import { decodeProfile, type Profile } from '../core/profile/codec.ts';
import type { ProfileDefinitions } from '../core/profile/facets.ts';
import type { Verdict } from '../core/profile/judge.ts';
import type { Envelope, Line, ParkedLine } from '../core/profile/line.ts';
import { isExpired, type StoredProfile } from '../core/profile/stored-profile.ts';
import { timelineRows } from '../core/profile/timeline.ts';
import {
  decodeTraits,
  encodeTraits,
  noTraits,
  type Traits,
  traitsOf,
  withTold,
} from '../core/profile/traits.ts';
import { type EpochMs, toRfc3339 } from '../core/time.ts';
import type {
  FailedEvent,
  FailedStage,
  FailedStore,
  RedriveOutcomes,
} from '../ports/failed-store.ts';
import type { Found, ProfileStore, Saved, StoredTraits } from '../ports/profile-store.ts';
import type { TimelineStore } from '../ports/timeline.ts';
import { eachBounded } from '../runtime/each-bounded.ts';
import type { UserBatch } from './read-batch.ts';

/** A writer that loses five times in a row meets something that is no race. */
export const ATTEMPTS_MAX = 5;
/** Of one user; beside it up to 32 users are folded at once. */
const ROWS_AT_ONCE = 4;

export interface FoldPorts {
  readonly profiles: ProfileStore;
  readonly failed: FailedStore;
  /** Absent in a size that keeps no timeline. */
  readonly timeline?: TimelineStore | undefined;
  readonly outcomes: RedriveOutcomes;
  readonly definitions: ProfileDefinitions;
  readonly now: () => EpochMs;
  /** Before anything of a step is parked or written: may refuse it by throwing. */
  readonly sawBugs: (partitionKey: string, traces: readonly string[]) => void;
}

/**
 * Told as soon as it is so, whatever fails afterwards. `unreadable`: events set aside whole because
 * an item of their user cannot be read; a person must look.
 */
export type Count = (what: Verdict['kind'] | 'unreadable', events: number) => void;

export class Contention extends Error {
  override readonly name = 'Contention';
  constructor() {
    super(`a profile changed under us ${ATTEMPTS_MAX} times in a row`);
  }
}

const failedOf = (
  { partitionKey }: UserBatch,
  stage: FailedStage,
  { at, arrivedAt, aside }: ParkedLine & { readonly aside: NonNullable<ParkedLine['aside']> },
): FailedEvent => ({
  stage,
  reason: aside.reason,
  detail: aside.detail,
  ...(aside.trace === undefined ? {} : { trace: aside.trace }),
  ...(aside.requestId === undefined ? {} : { requestId: aside.requestId }),
  partitionKey,
  at,
  arrivedAt: toRfc3339(arrivedAt),
  bytes: Buffer.from(aside.text),
});

/** An item that nobody may write over: its events wait, whole, until a person has looked. */
const parkWhole = async ({ failed }: FoldPorts, user: UserBatch, why: string): Promise<number> => {
  // A stub too: no profile has its key, so the event behind it is sent again with its envelope.
  const textOf = (line: Line): string =>
    line.kind === 'event'
      ? line.text
      : (line.aside?.text ?? JSON.stringify({ stub: 1, at: line.at }));
  const events = user.envelopes.flatMap(({ lines }) =>
    lines.map((line) => {
      const aside = { reason: 'state_unreadable', detail: why, text: textOf(line) };
      const { at, arrivedAt } = line;
      return failedOf(user, 'state', { kind: 'parked', at, arrivedAt, aside });
    }),
  );
  await failed.park(events);
  return events.length;
};

/** Bytes that are not ours, or no longer: neither a fault that heals nor a bug of an event. */
class StateUnreadable extends Error {
  override readonly name = 'StateUnreadable';
}

const traitsIn = (held: Found<StoredTraits>, now: EpochMs): Traits => {
  if (held === undefined) return noTraits;
  if ('unreadable' in held) throw new StateUnreadable(held.unreadable);
  // Overwritten under its version, as an expired profile is.
  if (isExpired(held.ttl, now)) return noTraits;
  try {
    return decodeTraits(held.traits);
  } catch (cause) {
    throw new StateUnreadable('the traits do not decode', { cause });
  }
};

const tell = async ({ profiles, now }: FoldPorts, user: UserBatch, step: Step): Promise<void> => {
  const told = step.verdicts.flatMap((verdict) =>
    verdict.kind === 'applied' ? [traitsOf(verdict.line.event, verdict.line.timestamp)] : [],
  );
  if (
    step.after === undefined ||
    told.every(({ byName, dropped }) => byName.size + dropped === 0)
  ) {
    return;
  }
  const { ttl } = step.after.profile;
  let held = await profiles.loadTraits(user.origin);
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const traits = withTold(traitsIn(held, now()), told);
    if (traits === undefined) return;
    const readVersion = held === undefined || 'unreadable' in held ? undefined : held.version;
    const saved = await profiles.saveTraits(
      user.origin,
      { version: (readVersion ?? 0) + 1, ttl, traits: encodeTraits(traits) },
      readVersion,
    );
    if (saved.kind === 'saved') return;
    held = saved.winner;
  }
  throw new Contention();
};

/** What becomes of the redriven events of a step, if it is written. */
const outcomesOf = ({ verdicts }: Step): readonly RedriveOutcome[] =>
  verdicts.flatMap(({ kind, line }) => {
    if (kind === 'parked') return [];
    const { redrive } = line.event.ingest;
    const { at, arrivedAt } = line;
    return redrive === undefined
      ? []
      : [{ parked: redrive, at, arrivedAt: toRfc3339(arrivedAt), outcome: kind }];
  });

/** Parked and told before the compare-and-set: once the fence has moved, none would be repeated. */
const commit = async (
  ports: FoldPorts,
  user: UserBatch,
  step: Step,
  readVersion: number | undefined,
): Promise<Saved<StoredProfile>> => {
  if (step.after === undefined) return { kind: 'saved' };
  const asides = asideOf(step.verdicts);
  const traces = asides.flatMap(({ aside }) => aside?.trace ?? []);
  if (traces.length > 0) ports.sawBugs(user.partitionKey, traces);
  if (asides.length > 0) {
    await ports.failed.park(
      asides.flatMap((line) =>
        line.aside === undefined
          ? []
          : [failedOf(user, 'aggregate', { ...line, aside: line.aside })],
      ),
    );
  }
  const outcomes = outcomesOf(step);
  if (outcomes.length > 0) await ports.outcomes.tell(outcomes);
  await tell(ports, user, step);
  return ports.profiles.save(user.origin, step.after.stored, readVersion);
};

/**
 * After the compare-and-set, so that no row tells of what did not happen; for redeliveries too,
 * because a row that a kill left out is written by nobody else.
 */
const tellTimeline = async (
  timeline: TimelineStore,
  { origin }: UserBatch,
  envelopes: readonly Envelope[],
  step: Step,
): Promise<void> =>
  eachBounded(timelineRows(envelopes, step), ROWS_AT_ONCE, async (row) => {
    await timeline.putIfAbsent(origin, row);
  });

const decoded = (
  stored: Found<StoredProfile>,
  definitions: ProfileDefinitions,
): Profile | undefined => {
  if (stored === undefined) return undefined;
  if ('unreadable' in stored) throw new StateUnreadable(stored.unreadable);
  try {
    return decodeProfile(stored, definitions);
  } catch (bug) {
    throw new StateUnreadable(bug instanceof Error ? bug.message : String(bug), { cause: bug });
  }
};

/** What throws with every event set aside would throw again for ever: it is the item's. */
const absorbed = (...given: Parameters<typeof absorb>): Step => {
  try {
    return absorb(...given);
  } catch (cause) {
    throw new StateUnreadable('the profile cannot be folded', { cause });
  }
};

/** The steps of one user in order; throws StateUnreadable where an item of the user is. */
const foldSteps = async (
  ports: FoldPorts,
  user: UserBatch,
  progress: { waiting: readonly Envelope[] },
  count: Count,
): Promise<void> => {
  const { definitions } = ports;
  let stored = await ports.profiles.load(user.origin);
  let attempt = 1;
  while (progress.waiting.length > 0) {
    const before = decoded(stored, definitions);
    const step = absorbed(before, progress.waiting, { definitions, now: ports.now() });
    const saved = await commit(ports, user, step, before?.version);
    if (saved.kind === 'saved') {
      for (const { kind } of step.verdicts) count(kind, 1);
      if (ports.timeline) await tellTimeline(ports.timeline, user, progress.waiting, step);
      progress.waiting = progress.waiting.slice(step.taken);
      stored = step.after?.stored ?? stored;
      attempt = 1;
    } else {
      attempt += 1;
      if (attempt > ATTEMPTS_MAX) throw new Contention();
      stored = saved.winner;
    }
  }
};

/**
 * Read, fold, write under the version that was read; the loser of a race folds again on the winner.
 * More than 64 new events are several writes in order, and none follows one that fails.
 */
export const foldUser = async (ports: FoldPorts, user: UserBatch, count: Count): Promise<void> => {
  const progress = { waiting: user.envelopes };
  try {
    await foldSteps(ports, user, progress, count);
  } catch (fault) {
    if (!(fault instanceof StateUnreadable)) throw fault;
    const rest = { ...user, envelopes: progress.waiting };
    count('unreadable', await parkWhole(ports, rest, fault.message));
  }
};
