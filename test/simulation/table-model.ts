import { type Origin, originKeyOf } from '../../functions/core/event/event.ts';
import type { StoredOff } from '../../functions/core/profile/stored-off.ts';
import type { StoredProfile } from '../../functions/core/profile/stored-profile.ts';
import type { OffStore } from '../../functions/ports/off-store.ts';
import type { ProfileStore, Saved, StoredTraits } from '../../functions/ports/profile-store.ts';
import type { Item as StreamItem } from '../../localstack/services/dynamodb/dynalite.ts';
import type { Faults } from './faults.ts';
import { type Process, WorldFault } from './process.ts';
import { itemOf, type StagedChange, type TableStreamModel } from './table-stream-model.ts';

type Item = StoredProfile | StoredTraits;
const keyOf = ({ tenant, user }: Origin): string => originKeyOf({ tenant, userId: user });

/** The table `profiles`: compare-and-set, stale reads, throttles, answers that are lost. */
export class TableModel {
  readonly profiles = new Map<string, StoredProfile>();
  readonly traits = new Map<string, StoredTraits>();
  readonly offs = new Map<string, StoredOff>();
  onProfile: (
    key: string,
    item: StoredProfile,
    before: StoredProfile | undefined,
    staged: StagedChange,
  ) => void = () => undefined;
  /** Writes, such as `rt main#u0`, that fail once: for histories that are written by hand. */
  readonly failOnce = new Set<string>();
  /** Between a read and its answer, and between a write and its answer, of such an item. */
  onLoaded: (item: string) => void = () => undefined;
  onWritten: (item: string) => void = () => undefined;
  readonly #before = new Map<string, Item | undefined>();
  /** As the stream of the table shows them. */
  readonly #items = new Map<string, StreamItem>();
  readonly #faults: Faults;

  readonly #changes: TableStreamModel;

  constructor(faults: Faults, changes: TableStreamModel) {
    this.#faults = faults;
    this.#changes = changes;
  }

  port(process: Process): ProfileStore {
    /** The version that this process wrote last, for as long as it reads nothing in between. */
    const wrote = new Map<string, number>();
    return {
      load: (origin) => {
        wrote.delete(keyOf(origin));
        return this.#load(process, 'rt', this.profiles, keyOf(origin));
      },
      loadTraits: (origin) => this.#load(process, 'tr', this.traits, keyOf(origin)),
      save: (origin, profile, version) =>
        this.#save(process, 'rt', keyOf(origin), () => {
          const key = keyOf(origin);
          if (version !== undefined && wrote.get(key) === version)
            this.#faults.count('bound of a write exceeded');
          const saved = this.saveProfile(key, profile, version);
          if (saved.kind === 'saved') wrote.set(key, profile.version);
          return saved;
        }),
      saveTraits: (origin, traits, version) =>
        this.#save(process, 'tr', keyOf(origin), () =>
          this.saveTraits(keyOf(origin), traits, version),
        ),
    };
  }

  saveProfile(
    key: string,
    profile: StoredProfile,
    version: number | undefined,
  ): Saved<StoredProfile> {
    const held = this.profiles.get(key);
    const saved = this.#set('rt', this.profiles, key, profile, version);
    if (saved.kind === 'saved') {
      const next = itemOf(profile);
      const staged = this.#changes.wrote(key, 'rt', next, this.#items.get(key));
      this.#items.set(key, next);
      this.onProfile(key, profile, held, staged);
    } else this.#faults.count('lost race');
    return saved;
  }

  saveTraits(key: string, traits: StoredTraits, version: number | undefined): Saved<StoredTraits> {
    const saved = this.#set('tr', this.traits, key, traits, version);
    if (saved.kind === 'saved')
      this.#changes.wrote(key, 'tr', { v: { N: String(traits.version) } }, undefined);
    return saved;
  }

  /** What the nightly job says of a user, unless a newer run has said something. */
  saveOff(key: string, off: StoredOff): 'saved' | 'newer' {
    const held = this.offs.get(key);
    if (held !== undefined && held.runId >= off.runId) return 'newer';
    this.offs.set(key, off);
    const image = { runId: { S: off.runId }, cut: { N: String(off.cut) }, p: { S: off.tags } };
    this.#changes.wrote(key, 'off', image, undefined);
    this.onWritten(`off ${key}`);
    return 'saved';
  }

  offPort(process: Process): OffStore {
    const faults = this.#faults;
    return {
      save: async (origin, off) => {
        const key = keyOf(origin);
        const what = `save off ${key}`;
        if (faults.happens('load of a user fails before its effect', 2)) {
          await process.call(what, () => undefined);
          throw new WorldFault('save throttled');
        }
        if (faults.happens('load of a user happens after its caller gave up', 2)) {
          process.late(what, () => this.saveOff(key, off));
          await process.call(what, () => undefined);
          throw new WorldFault('save timed out');
        }
        const isLost = faults.happens('load of a user happens, its answer is lost', 2);
        const saved = await process.call(what, () => this.saveOff(key, off));
        if (isLost) throw new WorldFault('save lost its answer');
        return saved;
      },
    };
  }

  /** As time to live does it. */
  expire(key: string): void {
    this.profiles.delete(key);
    this.#changes.wrote(key, 'rt', undefined, this.#items.get(key));
    this.#items.delete(key);
  }

  #set<T extends Item>(
    sk: string,
    items: Map<string, T>,
    key: string,
    item: T,
    version: number | undefined,
  ): Saved<T> {
    const held = items.get(key);
    if (held?.version !== version) return { kind: 'conflict', winner: held };
    this.#before.set(`${sk} ${key}`, held);
    items.set(key, item);
    this.onWritten(`${sk} ${key}`);
    return { kind: 'saved' };
  }

  async #load<T extends Item>(
    process: Process,
    sk: string,
    items: ReadonlyMap<string, T>,
    key: string,
  ): Promise<T | undefined> {
    const isStale = this.#faults.happens('load is stale', 2);
    const fails = this.#faults.happens('load fails');
    const found = await process.call(`load ${sk} ${key}`, () => {
      const read = isStale ? (this.#before.get(`${sk} ${key}`) as T | undefined) : items.get(key);
      this.onLoaded(`${sk} ${key}`);
      return read;
    });
    if (fails) throw new WorldFault('load throttled');
    return found;
  }

  async #save<T>(
    process: Process,
    sk: string,
    key: string,
    effect: () => Saved<T>,
  ): Promise<Saved<T>> {
    const what = `save ${sk} ${key}`;
    const faults = this.#faults;
    if (this.failOnce.delete(`${sk} ${key}`) || faults.happens('save fails before its effect')) {
      await process.call(what, () => undefined);
      throw new WorldFault('save throttled');
    }
    if (faults.happens('save happens after its caller gave up', 0.5)) {
      process.late(what, effect);
      await process.call(what, () => undefined);
      throw new WorldFault('save timed out');
    }
    const isTwice = faults.happens('save happens twice, the second sees a conflict');
    const isLost = faults.happens('save happens, its answer is lost');
    const saved = await process.call(what, () => {
      const first = effect();
      return isTwice ? effect() : first;
    });
    if (isLost) throw new WorldFault('save lost its answer');
    return saved;
  }
}
