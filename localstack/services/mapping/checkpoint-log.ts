import { join } from 'node:path';
import type { ShardCheckpoint } from '../../engines/event-source-mapping/types.ts';
import { openControlLog } from '../control-log.ts';

/**
 * A mapping's checkpoints on disk. The start of a call is noted beside them, so that after a killed
 * process it is known which batches were out and come again.
 */
export interface CheckpointLog {
  readonly checkpoints: ReadonlyMap<string, ShardCheckpoint>;
  /** Ranges that were out when the process before this one ended, by shard. */
  readonly interrupted: ReadonlyMap<string, Range[]>;
  readonly startAtMs: number;
  readonly checkpoint: (shardId: string, checkpoint: ShardCheckpoint) => void;
  readonly invoke: (shardId: string, range: Range) => void;
  readonly close: () => void;
}

export interface Range {
  readonly first: string;
  readonly last: string;
}

type Line =
  | { readonly kind: 'created'; readonly startAtMs: number }
  | { readonly kind: 'checkpoint'; readonly shardId: string; readonly checkpoint: ShardCheckpoint }
  | { readonly kind: 'invoke'; readonly shardId: string; readonly range: Range };

const REWRITE_AT_BYTES = 1024 * 1024;

export const openCheckpointLog = (
  folder: string,
  startAtMs: number,
  isKnown: (shardId: string) => boolean,
): CheckpointLog => {
  const checkpoints = new Map<string, ShardCheckpoint>();
  const interrupted = new Map<string, Range[]>();
  let created: number | null = null;
  const note = (line: Line): void => {
    if (line.kind === 'created') created = line.startAtMs;
    else if (line.kind === 'checkpoint') checkpoints.set(line.shardId, line.checkpoint);
    else {
      // A retry, or the left half of a bisected batch, takes the place of the call before it.
      const others = (interrupted.get(line.shardId) ?? []).filter(
        ({ first }) => first !== line.range.first,
      );
      interrupted.set(line.shardId, [...others, line.range]);
    }
    if (line.kind === 'checkpoint')
      interrupted.set(line.shardId, unfinished(interrupted.get(line.shardId), line.checkpoint));
  };
  const log = openControlLog<Line>(join(folder, 'checkpoints.log'), note);
  const begin = created ?? startAtMs;
  const rewrite = (): void =>
    log.rewrite([
      { kind: 'created', startAtMs: begin },
      ...[...checkpoints]
        .filter(([shardId]) => isKnown(shardId))
        .map(([shardId, checkpoint]) => ({ kind: 'checkpoint' as const, shardId, checkpoint })),
    ]);
  const before = new Map(interrupted);
  rewrite();
  return {
    checkpoints,
    interrupted: before,
    startAtMs: begin,
    checkpoint: (shardId, checkpoint) => {
      log.append([{ kind: 'checkpoint', shardId, checkpoint }]);
      checkpoints.set(shardId, checkpoint);
      if (log.bytes() > REWRITE_AT_BYTES) rewrite();
    },
    invoke: (shardId, range) => log.append([{ kind: 'invoke', shardId, range }]),
    close: log.close,
  };
};

const unfinished = (ranges: readonly Range[] = [], { sequence }: ShardCheckpoint): Range[] =>
  ranges.filter(({ last }) => sequence === null || isBefore(sequence, last));

/** Numbers of a stream have one width; those of a table stream grow by a digit now and then. */
const isBefore = (left: string, right: string): boolean =>
  left.length === right.length ? left < right : left.length < right.length;
