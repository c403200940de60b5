/** The nightly job's statements, by what it asks for. */
import { printAthena } from '../query/print.ts';
import type { Statement } from '../query/tree.ts';
import type { CompiledTags } from '../tags/compile.ts';
import type { LakeTableName } from './tables.ts';

/** `2026-11-21` */
export type UtcDate = string;

export interface RunWindow {
  readonly runId: string;
  readonly attempt: number;
  /** Everything that arrived before this day is in the lake. */
  readonly cut: UtcDate;
  /** The cut of the last run that was loaded; null before the first. */
  readonly watermark: UtcDate | null;
  readonly today: UtcDate;
  /** Versions to load. */
  readonly versions: readonly string[];
  /** Every user who has a row, not only those who were touched. */
  readonly allUsers: boolean;
}

export type StatementRequest =
  | { readonly kind: 'curate'; readonly day: UtcDate }
  | {
      readonly kind: 'userDay' | 'userTotal';
      readonly day: UtcDate;
      readonly versions: readonly string[];
    }
  | {
      readonly kind: 'userDayOfRange';
      readonly from: UtcDate;
      readonly to: UtcDate;
      readonly versions: readonly string[];
    }
  | { readonly kind: 'tags' | 'guard' | 'loaded' | 'drift'; readonly run: RunWindow }
  | { readonly kind: 'optimize' | 'vacuum'; readonly table: LakeTableName };

export interface LakeNames {
  readonly database: string;
  readonly bucket: string;
}

export declare const statementOf: (
  request: StatementRequest,
  lake: LakeNames,
  tags: Pick<CompiledTags, 'lake'>,
) => Statement;

export const statementText = (
  request: StatementRequest,
  lake: LakeNames,
  tags: Pick<CompiledTags, 'lake'>,
): string => printAthena(statementOf(request, lake, tags), lake.database);
