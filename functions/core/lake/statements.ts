/** The nightly job's statements, by what it asks for. */
import { invariant } from '../invariant.ts';
import { printAthena } from '../query/print.ts';
import type { Statement } from '../query/tree.ts';
import { LEARNING_PRESETS, type PresetName } from '../recommend/learning.ts';
import type { CompiledTags, LakeTag } from '../tags/compile.ts';
import { drift, markLoaded, sizes } from './after-unload.ts';
import { curate } from './curate.ts';
import type { UtcDate } from './days.ts';
import { pairsDay } from './pairs-day.ts';
import { positives } from './positives.ts';
import type { RunWindow } from './run-window.ts';
import type { LakeTableName } from './tables.ts';
import { listedTenants, unloadLists } from './unload-lists.ts';
import { unloadTags } from './unload-tags.ts';
import { userDay } from './user-day.ts';
import { userTotal } from './user-total.ts';

export type StatementRequest =
  | { readonly kind: 'curate' | 'positives' | 'pairsDay'; readonly day: UtcDate }
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
  | {
      readonly kind: 'tags' | 'guard' | 'loaded' | 'drift' | 'lists' | 'listedTenants';
      readonly run: RunWindow;
    }
  | { readonly kind: 'optimize' | 'vacuum'; readonly table: LakeTableName };

export interface LakeNames {
  readonly database: string;
  readonly bucket: string;
}

export type LakeTags = Pick<CompiledTags, 'lake'> & {
  /** How items are learnt; `commerce` unless the config says otherwise. */
  readonly learning?: PresetName | undefined;
};

const chosen = ({ lake }: LakeTags, versions: readonly string[]): readonly LakeTag[] => {
  const tags = lake.filter(({ version }) => versions.includes(version));
  invariant(tags.length === new Set(versions).size, 'the config has every version of the run');
  return tags;
};

export const statementOf = (
  request: StatementRequest,
  { bucket }: Pick<LakeNames, 'bucket'>,
  tags: LakeTags,
): Statement => {
  switch (request.kind) {
    case 'curate':
      return curate(request.day);
    case 'positives':
      return positives(request.day);
    case 'pairsDay':
      return pairsDay(request.day, LEARNING_PRESETS[tags.learning ?? 'commerce']);
    case 'lists':
      return unloadLists(request.run, bucket);
    case 'listedTenants':
      return listedTenants(request.run);
    case 'userDay':
      return userDay({ from: request.day, to: request.day }, chosen(tags, request.versions));
    case 'userDayOfRange':
      return userDay(request, chosen(tags, request.versions));
    case 'userTotal':
      return userTotal(request.day, chosen(tags, request.versions));
    case 'tags':
      return unloadTags(request.run, bucket, chosen(tags, request.run.versions));
    case 'guard':
      return sizes(request.run, chosen(tags, request.run.versions));
    case 'loaded':
      return markLoaded(request.run);
    case 'drift':
      return drift(request.run, chosen(tags, request.run.versions));
    case 'optimize':
    case 'vacuum':
      return { kind: request.kind, table: request.table };
  }
};

export const statementText = (request: StatementRequest, lake: LakeNames, tags: LakeTags): string =>
  printAthena(statementOf(request, lake, tags), lake.database);
