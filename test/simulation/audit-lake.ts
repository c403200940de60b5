import { readEnriched, readRaw, type Unit } from '../../functions/core/analytics/ledger-lines.ts';
import type { Auditor } from './auditor.ts';
import { readLine } from './auditor.ts';
import type { LakeModel, LakeObject } from './lake-model.ts';
import { keyOf } from './stated-memory.ts';
import { violated } from './violation.ts';

export interface Lake {
  readonly raw: LakeModel;
  readonly enriched: LakeModel;
}

const unitText = ({ requestId, partitionKey, part }: Unit): string =>
  `part ${part} of ${partitionKey} in ${requestId}`;

const linesOf = (objects: readonly LakeObject[]): ReadonlySet<string> =>
  new Set(objects.flatMap(({ lines }) => lines));

/**
 * P8: the lake by key is what landed, however often and late its objects came; and P15: every part
 * of a request that is in `raw/` is in `enriched/`.
 */
export const auditLake = ({ raw, enriched }: Lake, { users }: Auditor): void => {
  const keys = new Set<string>();
  const units = new Set<string>();
  for (const text of linesOf(enriched.everything())) {
    keys.add(keyOf(readLine(text).at));
    const { event, stub } = readEnriched(text);
    const unit = event?.unit ?? stub;
    if (unit !== undefined) units.add(unitText(unit));
  }
  let landed = 0;
  for (const { lines } of users.values()) {
    landed += lines.size;
    for (const key of lines.keys())
      if (!keys.has(key)) violated('P8', `${key} landed and is in no object`);
  }
  if (keys.size !== landed) violated('P8', `${keys.size} keys in the lake, ${landed} landed`);
  for (const text of linesOf(raw.everything())) {
    const unit = readRaw(text)?.unit;
    if (unit !== undefined && !units.has(unitText(unit)))
      violated('P15', `${unitText(unit)} is in raw/ and not in enriched/`);
  }
};
