import {
  type LakeNames,
  type LakeTags,
  type StatementRequest,
  statementText,
} from '../lake/statements.ts';
import { totalledVersions } from './plan-night.ts';
import type { NightPlan, PrintRequest } from './tasks.ts';

/** What a step asks for, with what its plan knows. */
export const requestOf = (asked: PrintRequest, plan: NightPlan): StatementRequest => {
  switch (asked.kind) {
    case 'userDay':
      return { kind: asked.kind, day: asked.day, versions: plan.versions };
    case 'userTotal':
      return { kind: asked.kind, day: asked.day, versions: totalledVersions(plan, asked.day) };
    case 'userDayOfRange':
      return { ...asked, versions: plan.newVersions };
    case 'tags':
    case 'guard':
    case 'loaded':
    case 'drift':
    case 'lists':
    case 'listedTenants':
      return { kind: asked.kind, run: plan };
    case 'curate':
    case 'positives':
    case 'pairsDay':
    case 'optimize':
    case 'vacuum':
      return asked;
  }
};

/** As Athena takes it. */
export const printStatement =
  (lake: LakeNames, tags: LakeTags) =>
  (asked: PrintRequest, plan: NightPlan): string =>
    statementText(requestOf(asked, plan), lake, tags);
