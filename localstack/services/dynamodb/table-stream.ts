/**
 * One table's stream: gives each change its shard, number and record for the batch of its item, and
 * serves its readers. Records live as rows of the same database, under shard and padded number.
 */
import type { RecordSource, SourceRecord, SourceShard } from '../../cloud.ts';
import type { Stage } from './commits.ts';
import type { Level, LevelOperation } from './dynalite.ts';
import {
  closeShard,
  drawSequence,
  openShardOf,
  rollShard,
  type Shard,
  type ShardOptions,
  type StreamState,
} from './shards.ts';
import { type Change, sameItem, streamRecord } from './stream-record.ts';

export const RETENTION_MS = 24 * 3_600_000;
/** More digits than a sequence number ever has: text order is number order. */
const SEQUENCE_DIGITS = 40;
const TRIM_RECORDS_MAX = 1_000;

export const paddedSequence = (sequence: string): string => sequence.padStart(SEQUENCE_DIGITS, '0');

export interface TableStreamContext {
  readonly table: string;
  readonly db: Level;
  readonly region: string;
  readonly options: ShardOptions;
  readonly now: () => number;
}

/** A record row: what the reader needs, kept as the text that it will be sent as. */
interface Row {
  readonly orderKey: string;
  readonly arrivedAtMs: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const arrivedAtMs = ([, text]: readonly [string, unknown]): number =>
  (JSON.parse(String(text)) as Row).arrivedAtMs;

export const stateKey = (table: string): string => `shards~${table}`;

export class TableStream {
  readonly state: StreamState;
  private readonly context: TableStreamContext;
  private readonly listeners = new Set<() => void>();
  private readonly recordsOf = new Map<string, number>();
  /** Set while the state in memory is ahead of the one on disk. */
  private dirty: boolean;
  private grown: boolean;
  /** What readers may know of: a roll counts from the moment its batch is on disk, never before. */
  private visible: readonly SourceShard[] = [];

  constructor(context: TableStreamContext, state: StreamState) {
    this.context = context;
    this.state = state;
    this.dirty = true;
    this.grown = false;
  }

  private prefix(shardId: string): string {
    return `stream~${this.state.label}~${shardId}~`;
  }

  private rowKey(shardId: string, sequence: string): string {
    return this.prefix(shardId) + paddedSequence(sequence);
  }

  private stateOperation(): LevelOperation {
    return { type: 'put', key: stateKey(this.context.table), value: this.state };
  }

  /** What the batch of this change needs besides the item. Called in commit order. */
  stage(change: Change, itemKey: string): readonly LevelOperation[] {
    if (!this.state.enabled || sameItem(change.old, change.next)) return [];
    const { options, region, now } = this.context;
    const atMs = now();
    const shard = this.writableShard(Number.parseInt(itemKey.slice(0, 6), 16), options, atMs);
    const sequenceNumber = drawSequence(this.state);
    const { arn: streamArn, viewType } = this.state;
    const body = streamRecord({ change, sequenceNumber, viewType, streamArn, region, atMs });
    const row: Row = { orderKey: itemKey, arrivedAtMs: atMs, body };
    this.recordsOf.set(shard.id, (this.recordsOf.get(shard.id) ?? 0) + 1);
    this.grown = true;
    return [
      {
        type: 'put',
        key: this.rowKey(shard.id, sequenceNumber),
        value: JSON.stringify(row),
        valueEncoding: 'utf8',
      },
      ...(this.dirty ? [this.stateOperation()] : []),
    ];
  }

  private writableShard(lane: number, options: ShardOptions, nowMs: number): Shard {
    const open = openShardOf(this.state, lane);
    const full = (this.recordsOf.get(open.id) ?? 0) >= options.rollAfterRecords;
    if (!full && nowMs - open.createdAtMs < options.rollAfterMs) return open;
    this.recordsOf.delete(open.id);
    this.dirty = true;
    return rollShard(this.state, open, nowMs);
  }

  /** Changes the state (or nothing) and writes it. Called in commit order. */
  stageState(change: (state: StreamState) => void = () => undefined): readonly LevelOperation[] {
    change(this.state);
    this.dirty = true;
    this.grown = true;
    return [this.stateOperation()];
  }

  /** The batch is on disk, so what it said about records and shards may be read. */
  committed(): void {
    this.dirty = false;
    this.visible = this.state.shards.map(({ id, parentId, closedAtMs }) => ({
      shardId: id,
      parentShardIds: parentId === undefined ? [] : [parentId],
      closed: closedAtMs !== undefined,
    }));
    if (!this.grown) return;
    this.grown = false;
    for (const listener of this.listeners) listener();
  }

  /** A disabled stream keeps its records for readers, but all its shards are closed. */
  stageDisabled(): readonly LevelOperation[] {
    return this.stageState((state) => {
      state.enabled = false;
      for (const shard of state.shards) {
        if (shard.closedAtMs === undefined) closeShard(state, shard, this.context.now());
      }
    });
  }

  /** The last number is not written with each record: the rows say it. */
  async recover(): Promise<void> {
    for (const shard of this.state.shards) {
      const newest = await this.newestSequence(shard.id);
      if (newest === undefined) continue;
      if (BigInt(newest) > BigInt(this.state.lastSequence)) this.state.lastSequence = newest;
    }
  }

  async newestSequence(shardId: string): Promise<string | undefined> {
    const newest = { ...this.range(shardId, null), reverse: true, limit: 1 };
    const [key] = await this.context.db.keys(newest).all();
    return key === undefined ? undefined : this.sequenceOf(shardId, key);
  }

  private sequenceOf(shardId: string, key: string): string {
    return BigInt(key.slice(this.prefix(shardId).length)).toString();
  }

  private rows(shardId: string, after: string | null, limit: number): Promise<[string, unknown][]> {
    const page = { ...this.range(shardId, after), limit, valueEncoding: 'utf8' };
    return this.context.db.iterator(page).all();
  }

  private range(shardId: string, after: string | null) {
    return {
      gt: after === null ? this.prefix(shardId) : this.rowKey(shardId, after),
      lt: `${this.prefix(shardId)}~`,
    };
  }

  async read(
    shardId: string,
    after: string | null,
    limits: { readonly recordsMax: number; readonly bytesMax: number },
  ): Promise<readonly SourceRecord[]> {
    const rows = await this.rows(shardId, after, limits.recordsMax);
    const oldestMs = this.context.now() - RETENTION_MS;
    const records: SourceRecord[] = [];
    let bytesTotal = 0;
    for (const [key, text] of rows) {
      const { arrivedAtMs, orderKey, body } = JSON.parse(String(text)) as Row;
      if (arrivedAtMs < oldestMs) continue;
      const bytes = Buffer.byteLength(String(text));
      bytesTotal += bytes;
      if (bytesTotal > limits.bytesMax && records.length > 0) break;
      const sequenceNumber = this.sequenceOf(shardId, key);
      records.push({ sequenceNumber, orderKey, arrivedAtMs, bytes, body });
    }
    return records;
  }

  /** Forgets what is past the retention and rolls what is old, all in the batch of the answer. */
  async upkeep(): Promise<{ readonly stage: Stage; readonly more: boolean }> {
    const nowMs = this.context.now();
    const expired = new Map<string, readonly string[]>();
    for (const { id } of this.state.shards) {
      expired.set(id, await this.expiredRows(id, nowMs - RETENTION_MS));
    }
    const stage: Stage = () => {
      const rows = [...expired.values()]
        .flat()
        .map((key): LevelOperation => ({ type: 'del', key }));
      const changed = this.ageShards(nowMs, expired);
      // The rows held the last number; from here on the state must.
      return changed || rows.length > 0 ? [...rows, ...this.stageState()] : [];
    };
    return { stage, more: [...expired.values()].some(({ length }) => length >= TRIM_RECORDS_MAX) };
  }

  private ageShards(nowMs: number, expired: ReadonlyMap<string, readonly string[]>): boolean {
    const { rollAfterMs } = this.context.options;
    const before = this.state.shards;
    for (const shard of before.filter(({ closedAtMs }) => closedAtMs === undefined)) {
      if (nowMs - shard.createdAtMs >= rollAfterMs) rollShard(this.state, shard, nowMs);
    }
    const rolled = this.state.shards.length;
    this.state.shards = this.state.shards.filter(
      ({ id, closedAtMs }) =>
        closedAtMs === undefined ||
        nowMs - closedAtMs <= RETENTION_MS ||
        (expired.get(id)?.length ?? 0) >= TRIM_RECORDS_MAX,
    );
    return (
      this.state.shards !== before && (rolled > before.length || this.state.shards.length < rolled)
    );
  }

  private async expiredRows(shardId: string, beforeMs: number): Promise<readonly string[]> {
    // Nearly always the oldest row is young, and the rest need not be read.
    const [oldest] = await this.rows(shardId, null, 1);
    if (oldest === undefined || arrivedAtMs(oldest) >= beforeMs) return [];
    const rows = await this.rows(shardId, null, TRIM_RECORDS_MAX);
    const firstKept = rows.findIndex((row) => arrivedAtMs(row) >= beforeMs);
    return rows.slice(0, firstKept === -1 ? rows.length : firstKept).map(([key]) => key);
  }

  source(): RecordSource {
    return {
      arn: this.state.arn,
      kind: 'dynamodb',
      shards: () => this.visible,
      read: (shardId, after, limits) => this.read(shardId, after, limits),
      onChange: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
    };
  }
}
