/**
 * Which of the events of a minute with a gap were not counted. The minute's row knows only how many;
 * each user's own memory knows the last 128 ids that it counted and how far it has come.
 */
import type { Origin, RawPosition } from '../event/event.ts';
import { hash48 } from '../hash.ts';
import { isPassed } from '../profile/fence.ts';
import { RING_IDS_MAX } from '../profile/id-ring.ts';
import type { Memory } from '../profile/memory.ts';
import { keyText } from '../profile/position.ts';
import type { EpochMs } from '../time.ts';
import type { LedgerMinute } from './ledger.ts';
import { readEnriched, type Unit } from './ledger-lines.ts';

/** Users who are asked in one run; a gap wider than that is an outage, and its minutes tell how many were not asked. */
export const SUSPECT_USERS_MAX = 1_000;

export interface Suspect extends Unit {
  readonly tenant: string;
  readonly minute: number;
  readonly eventId: string;
  readonly verdict: Verdict;
}

/**
 * `lost`: its user was read beyond it and has not counted it. `ahead`: nobody came that far.
 * `untold`: counted so long ago, if at all, that its user has forgotten.
 */
export type Verdict = 'lost' | 'ahead' | 'untold';

interface Landed {
  readonly at: RawPosition;
  readonly arrivedAt: EpochMs;
  readonly unit: Unit;
  readonly eventId: string;
}

/** Lines of users beyond those who are asked; a line that landed twice is here twice. */
export interface Unasked {
  readonly tenant: string;
  readonly minute: number;
  readonly lines: number;
}

export interface Suspects {
  /** A line of `enriched/`; only those of the minutes with a gap are kept. */
  readonly take: (line: string) => void;
  readonly origins: () => readonly Origin[];
  /** What the memory of one of them does not know to be counted. */
  readonly of: (origin: Origin, memory: Memory | undefined) => readonly Suspect[];
  readonly unasked: () => readonly Unasked[];
}

const textOf = ({ tenant, user }: Origin): string => `${tenant}#${user}`;

const verdictOf = (memory: Memory | undefined, { at, eventId }: Landed): Verdict | 'counted' => {
  if (memory === undefined) return 'ahead';
  if (memory.parked.keys.has(keyText(at)) || memory.ring.includes(hash48(eventId)))
    return 'counted';
  if (!isPassed(memory.fences, at)) return 'ahead';
  // A full ring has forgotten ids, and cannot say of one whether it was ever there.
  return memory.ring.length < RING_IDS_MAX ? 'lost' : 'untold';
};

export const openSuspects = (
  gaps: readonly LedgerMinute[],
  usersMax: number = SUSPECT_USERS_MAX,
): Suspects => {
  const wanted = new Set(gaps.map(({ tenant, minute }) => `${tenant} ${minute}`));
  const users = new Map<string, { readonly origin: Origin; readonly lines: Map<string, Landed> }>();
  const unasked = new Map<string, Unasked>();
  const leaveOut = (tenant: string, minute: number): void => {
    const key = `${tenant} ${minute}`;
    unasked.set(key, { tenant, minute, lines: (unasked.get(key)?.lines ?? 0) + 1 });
  };
  return {
    take: (line) => {
      const { event, landed } = readEnriched(line);
      if (event === undefined || landed === undefined) return;
      const { at, arrivedAt, origin } = landed;
      const minute = Math.floor(arrivedAt / 60_000);
      if (!wanted.has(`${origin.tenant} ${minute}`)) return;
      const user = users.get(textOf(origin)) ?? { origin, lines: new Map() };
      if (!users.has(textOf(origin)) && users.size >= usersMax) {
        leaveOut(origin.tenant, minute);
        return;
      }
      users.set(textOf(origin), user);
      const { unit, eventId } = event;
      user.lines.set(keyText(at), { at, arrivedAt, unit, eventId });
    },
    origins: () => [...users.values()].map(({ origin }) => origin),
    of: (origin, memory) =>
      [...(users.get(textOf(origin))?.lines.values() ?? [])].flatMap((line) => {
        const verdict = verdictOf(memory, line);
        if (verdict === 'counted') return [];
        const minute = Math.floor(line.arrivedAt / 60_000);
        return [{ ...line.unit, tenant: origin.tenant, minute, eventId: line.eventId, verdict }];
      }),
    unasked: () => [...unasked.values()],
  };
};
