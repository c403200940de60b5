import { profileToItem } from '../../functions/adapters/profile-items.ts';
import { hash32Hex } from '../../functions/core/hash.ts';
import type { StoredProfile } from '../../functions/core/profile/stored-profile.ts';
import type { RecordSource } from '../../localstack/cloud.ts';
import type { Item, Table } from '../../localstack/services/dynamodb/dynalite.ts';
import { rollShard, SHARD_DEFAULTS } from '../../localstack/services/dynamodb/shards.ts';
import { Settings } from '../../localstack/services/dynamodb/table-settings.ts';
import type { TableStream } from '../../localstack/services/dynamodb/table-stream.ts';
import { MemoryLevel } from './memory-level.ts';
import type { Scheduler } from './scheduler.ts';

const NAME = 'profiles';
const ARN = `arn:aws:dynamodb:eu-west-1:000000000000:table/${NAME}`;
/** So that the numbers of every seed grow by a digit after a few changes. */
const FIRST_SEQUENCE = 10n ** 22n - 12n;

/** What one change of an item wrote into the stream. */
export interface StagedChange {
  readonly shardId: string;
  readonly sequence: string;
}

/** As it travels: bytes in base 64. */
export const itemOf = (profile: StoredProfile): Item => ({
  ...(profileToItem(profile) as unknown as Item),
  m: { B: Buffer.from(profile.memory).toString('base64') },
});

/** The stream of the table `profiles`: the shipped code, over rows in memory. */
export class TableStreamModel {
  readonly arn: string;
  readonly source: RecordSource;
  readonly #readers: (() => void)[] = [];
  readonly #db = new MemoryLevel();
  readonly #stream: TableStream;
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    const settings = new Settings({
      db: this.#db,
      region: 'eu-west-1',
      shards: { ...SHARD_DEFAULTS, firstSequenceNumber: FIRST_SEQUENCE },
      now: () => scheduler.nowMs,
    });
    const table = { TableName: NAME, TableArn: ARN } as Table;
    void this.#db.batch(settings.stageNewStream(table, 'NEW_IMAGE'));
    const stream = settings.streamOf(NAME);
    if (stream === undefined) throw new Error('the table has a stream');
    stream.committed();
    this.#stream = stream;
    this.source = stream.source();
    this.arn = this.source.arn;
  }

  readonly follow = (reader: () => void): void => {
    this.#readers.push(reader);
  };

  /** Item and record are one batch: what is written here is as durable as the item itself. */
  wrote(key: string, sk: string, next: Item | undefined, old: Item | undefined): StagedChange {
    const pk = `u#${key}`;
    const keys = { pk: { S: pk }, sk: { S: sk } };
    const itemKey = `${hash32Hex(pk)}/${pk}/${sk}`;
    const change = {
      keys,
      ...(next === undefined ? {} : { next: { ...keys, ...next } }),
      ...(old === undefined ? {} : { old: { ...keys, ...old } }),
    };
    const [record, ...rest] = this.#stream.stage(change, itemKey);
    if (record === undefined) throw new Error(`a change of ${key} that changes nothing`);
    void this.#db.batch([record, ...rest]);
    this.#stream.committed();
    for (const reader of this.#readers) reader();
    const [, , shardId = ''] = record.key.split('~');
    return { shardId, sequence: this.#stream.state.lastSequence };
  }

  /** Each open shard goes on in a child. */
  roll(): void {
    const { nowMs } = this.#scheduler;
    const open = this.#stream.state.shards.filter(({ closedAtMs }) => closedAtMs === undefined);
    void this.#db.batch(
      this.#stream.stageState((state) => {
        for (const shard of open) rollShard(state, shard, nowMs);
      }),
    );
    this.#stream.committed();
    for (const reader of this.#readers) reader();
  }
}
