/**
 * Profiles as serving functions read them: from this process for a second, else from the cache,
 * else from the table. What is held are tiles: windows are summed by whoever answers, at its now.
 */
import { type Origin, originKeyOf } from '../core/event/event.ts';
import { decodeFacets, noFacets, type ProfileDefinitions } from '../core/profile/facets.ts';
import { isExpired, isKeptAsKnown } from '../core/profile/stored-profile.ts';
import { decodeTraits } from '../core/profile/traits.ts';
import { decodeOff, type Off } from '../core/tags/off.ts';
import { epochMs } from '../core/time.ts';
import type { CacheChange, ProfileCache } from '../ports/profile-cache.ts';
import {
  type ProfileEntries,
  type ProfileEntry,
  storedOffOf,
  traitsEntry,
  UnreadableEntry,
  type UserEntries,
} from '../ports/profile-entries.ts';
import type { ProfileReader, ReadProfile } from '../ports/profile-reader.ts';
import { ExpiringMap } from './expiring-map.ts';
import { isBreakerOpen } from './guarded-stream.ts';

export interface RepositoryPorts {
  /** Absent in a size that has none, and on a laptop without a server. */
  readonly cache?: ProfileCache | undefined;
  readonly table: ProfileEntries;
  readonly definitions: ProfileDefinitions;
  readonly now: () => number;
  readonly random: () => number;
  readonly fault: (message: string, fault: unknown) => void;
}

type Answer = ReadProfile | undefined;

/** Each may take some ten kilobytes. */
const HELD = { entriesMax: 500, ttlMs: 1_000 };
const HELD_ABSENT = { entriesMax: 2_000, ttlMs: 500 };
/** What was read together is not read again together. */
const JITTER = 0.2;

const keyOf = ({ tenant, user }: Origin): string => originKeyOf({ tenant, userId: user });

/** What stands for an item that a user does not have: the first one is newer. */
const nothing = ({ ttl }: ProfileEntry): ProfileEntry => traitsEntry(0, ttl, '');

const changesOf = (origin: Origin, { rt, tr, off }: UserEntries): readonly CacheChange[] =>
  rt === undefined
    ? []
    : [
        { origin, name: 'rt', entry: rt },
        { origin, name: 'tr', entry: tr ?? nothing(rt) },
        { origin, name: 'off', entry: off ?? nothing(rt) },
      ];

export const profileRepository = (ports: RepositoryPorts): ProfileReader => {
  const { cache, table, definitions, now, random, fault } = ports;
  const held = new ExpiringMap<ReadProfile>(HELD);
  const absent = new ExpiringMap<true>(HELD_ABSENT);
  const reading = new Map<string, Promise<Answer>>();

  const told = (entry: ProfileEntry | undefined): ProfileEntry | undefined =>
    entry === undefined || entry.stored === '' || isExpired(entry.ttl, epochMs(now()))
      ? undefined
      : entry;

  const decodedOff = (entry: ProfileEntry | undefined): Off | undefined => {
    if (entry === undefined) return undefined;
    const { runId, cut, tags } = storedOffOf(entry);
    return { runId, cut, tags: decodeOff(tags, definitions.lake) };
  };

  /**
   * A user whose events are forgotten is still who the nightly job says: what it has not filled,
   * or does not know, misses all that arrived before its cut.
   */
  const decoded = (entries: UserEntries): Answer => {
    const [rt, tr, off] = [told(entries.rt), told(entries.tr), told(entries.off)];
    if (rt === undefined && off === undefined) return undefined;
    const traits = tr === undefined ? [] : [...decodeTraits(tr.stored).byName];
    return {
      version: rt?.version ?? 0,
      facets: rt ? decodeFacets(rt.stored, definitions) : noFacets(definitions, off?.at),
      ...(off && { off: decodedOff(off) }),
      traits: Object.fromEntries(traits.map(([name, { value }]) => [name, value])),
      newestArrivedAt: rt?.at ?? off?.at ?? epochMs(0),
      // Whose events are forgotten may have had one.
      known: rt === undefined || isKeptAsKnown(rt),
    };
  };

  const fromCache = async (origins: readonly Origin[]): Promise<readonly Answer[]> => {
    if (cache === undefined) return origins.map(() => undefined);
    try {
      const entries = await cache.read(origins);
      return entries.map((each) => (each.rt && each.tr && each.off ? decoded(each) : undefined));
    } catch (cause) {
      // Away, or not to be read by this bundle: the table knows.
      if (!isBreakerOpen(cause)) fault('the cache did not answer', cause);
      return origins.map(() => undefined);
    }
  };

  /** Under the guard of the cache: a stale read that comes late replaces nothing. */
  const fill = async (changes: readonly CacheChange[]): Promise<void> => {
    if (cache === undefined || changes.length === 0) return;
    try {
      await cache.write(changes);
    } catch (cause) {
      if (!isBreakerOpen(cause)) fault('the cache was not filled', cause);
    }
  };

  const hold = (origin: Origin, answer: Answer): Answer => {
    const jitter = (ttlMs: number): number => now() - JITTER * random() * ttlMs;
    if (answer === undefined) absent.set(keyOf(origin), true, jitter(HELD_ABSENT.ttlMs));
    else held.set(keyOf(origin), answer, jitter(HELD.ttlMs));
    return answer;
  };

  const stale = (): ReadProfile => ({
    version: 0,
    facets: noFacets(definitions),
    traits: {},
    newestArrivedAt: epochMs(0),
    stale: true,
  });

  const fromTable = async (
    origins: readonly Origin[],
  ): Promise<readonly UserEntries[] | undefined> => {
    if (origins.length === 0) return [];
    try {
      return await table.read(origins);
    } catch (cause) {
      if (cause instanceof UnreadableEntry) throw cause;
      fault('the table did not answer', cause);
      return undefined;
    }
  };

  const load = async (origins: readonly Origin[]): Promise<ReadonlyMap<string, () => Answer>> => {
    const found = new Map<string, () => Answer>();
    const cached = await fromCache(origins);
    const missing = origins.filter((origin, place) => {
      const answer = cached[place];
      if (answer !== undefined) found.set(keyOf(origin), () => hold(origin, answer));
      return answer === undefined;
    });
    const entries = await fromTable(missing);
    for (const [place, origin] of missing.entries()) {
      const each = entries?.[place];
      // Undefined: both are gone, and a default is said to be one.
      found.set(keyOf(origin), () => (each === undefined ? stale() : hold(origin, decoded(each))));
    }
    await fill(missing.flatMap((origin, place) => changesOf(origin, entries?.[place] ?? {})));
    return found;
  };

  /** One load for all that are asked for and that nobody is reading yet. */
  const startLoad = (origins: readonly Origin[]): void => {
    if (origins.length === 0) return;
    const loading = load(origins);
    for (const origin of origins) {
      const key = keyOf(origin);
      const one = loading.then((found) => found.get(key)?.()).finally(() => reading.delete(key));
      reading.set(key, one);
    }
  };

  return {
    read: async (origins) => {
      const nowMs = now();
      const known = (key: string): { readonly value: Answer } | undefined =>
        held.get(key, nowMs) ?? (absent.get(key, nowMs) && { value: undefined });
      const unique = [...new Map(origins.map((origin) => [keyOf(origin), origin]))];
      startLoad(
        unique.flatMap(([key, origin]) => (known(key) || reading.has(key) ? [] : [origin])),
      );
      return Promise.all(
        origins.map((origin) => {
          const key = keyOf(origin);
          const at = known(key);
          return at === undefined ? reading.get(key) : at.value;
        }),
      );
    },
  };
};
