import type { RowKey, TallyRow } from '../../functions/core/analytics/tally-rows.ts';
import type { FeedRow, RowSaved, TallyStore } from '../../functions/ports/tally-store.ts';
import type { Faults } from './faults.ts';
import { type Process, WorldFault } from './process.ts';

const textOf = ({ pk, sk }: RowKey): string => `${pk}\n${sk}`;

/** Rows of minutes and days in the table `records`, with the world around them. */
export class RowsModel {
  readonly rows = new Map<string, TallyRow>();
  readonly feeds = new Map<string, FeedRow>();
  onRow: (key: RowKey, row: TallyRow, before: TallyRow | undefined) => void = () => undefined;
  /** Between a write of a row and its answer: for histories that are written by hand. */
  onWritten: (key: RowKey) => void = () => undefined;
  readonly #before = new Map<string, TallyRow | undefined>();
  readonly #faults: Faults;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  port(process: Process): TallyStore {
    return {
      load: (key) => this.#load(process, textOf(key)),
      save: (key, row, readLast) =>
        this.#save(process, `save row ${textOf(key)}`, () => this.#set(key, row, readLast)),
      loadFeed: async (tenant, shardId) => {
        const feed = await process.call('load feed', () => this.feeds.get(`${tenant}/${shardId}`));
        return feed?.events ?? [];
      },
      saveFeed: (row) => this.#save(process, 'save feed', () => this.#setFeed(row)),
    };
  }

  #set(key: RowKey, row: TallyRow, readLast: string | undefined): RowSaved {
    const held = this.rows.get(textOf(key));
    if (held?.last !== readLast) {
      this.#faults.count('lost race for a row');
      return { kind: 'conflict', winner: held };
    }
    this.#before.set(textOf(key), held);
    this.rows.set(textOf(key), row);
    this.onRow(key, row, held);
    this.onWritten(key);
    return { kind: 'saved' };
  }

  #setFeed(row: FeedRow): void {
    const place = `${row.tenant}/${row.shardId}`;
    const held = this.feeds.get(place)?.events.at(-1)?.id ?? '';
    if (held < (row.events.at(-1)?.id ?? '')) this.feeds.set(place, row);
  }

  async #load(process: Process, text: string): Promise<TallyRow | undefined> {
    const isStale = this.#faults.happens('row load is stale', 2);
    const fails = this.#faults.happens('row load fails');
    const found = await process.call(`load row ${text}`, () =>
      isStale ? this.#before.get(text) : this.rows.get(text),
    );
    if (fails) throw new WorldFault('load throttled');
    return found;
  }

  async #save<T>(process: Process, what: string, effect: () => T): Promise<T> {
    const faults = this.#faults;
    if (faults.happens('row save fails before its effect')) {
      await process.call(what, () => undefined);
      throw new WorldFault('save throttled');
    }
    if (faults.happens('row save happens after its caller gave up')) {
      process.late(what, effect);
      await process.call(what, () => undefined);
      throw new WorldFault('save timed out');
    }
    const isTwice = faults.happens('row save happens twice, the second sees a conflict');
    const isLost = faults.happens('row save happens, its answer is lost');
    const saved = await process.call(what, () => {
      const first = effect();
      return isTwice ? effect() : first;
    });
    if (isLost) throw new WorldFault('save lost its answer');
    return saved;
  }
}
