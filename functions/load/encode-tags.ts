import type { LakeRow } from '../core/lake/rows.ts';
import type { LakeTag } from '../core/tags/compile.ts';
import { encodeOff, offFromRows } from '../core/tags/off.ts';

export const encodeTags =
  (tags: readonly LakeTag[]) =>
  (rows: readonly LakeRow[], versions: readonly string[]): string =>
    encodeOff(offFromRows(rows, versions, tags));
