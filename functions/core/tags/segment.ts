/** A segment is the first of an ordered list whose conditions on tags all hold, evaluated at read. */
import type { EpochMs } from '../time.ts';
import { type Span, spanMs } from './definition.ts';

/** A tag that the user does not have fulfils no condition. */
export type TagCondition =
  | { readonly tag: string; readonly atLeast: number }
  | { readonly tag: string; readonly atMost: number }
  /** For texts. */
  | { readonly tag: string; readonly is: string }
  | { readonly tag: string; readonly in: readonly string[] }
  /** For instants: how long ago. */
  | { readonly tag: string; readonly agoAtLeast?: Span; readonly agoAtMost?: Span };

export interface SegmentRule {
  readonly name: string;
  readonly when: readonly TagCondition[];
}

/** What a condition may know of a served tag. */
export interface ComparableTag {
  /** A number in its own unit, an instant as epoch ms, a text. */
  readonly comparable: number | string | undefined;
  readonly partial: boolean;
}

export interface Membership {
  readonly value: string;
  /** A tag that the decision rests on is partial. */
  readonly partial: boolean;
}

const holds = (
  condition: TagCondition,
  value: ComparableTag['comparable'],
  now: EpochMs,
): boolean => {
  if (typeof value === 'string') {
    if ('is' in condition) return value === condition.is;
    return 'in' in condition && condition.in.includes(value);
  }
  if (value === undefined || 'is' in condition || 'in' in condition) return false;
  if ('atLeast' in condition) return value >= condition.atLeast;
  if ('atMost' in condition) return value <= condition.atMost;
  const ago = now - value;
  const { agoAtLeast, agoAtMost } = condition;
  return (
    (agoAtLeast === undefined || ago >= spanMs(agoAtLeast)) &&
    (agoAtMost === undefined || ago <= spanMs(agoAtMost))
  );
};

export const segmentOf = (
  segments: { readonly rules: readonly SegmentRule[]; readonly otherwise: string },
  tags: ReadonlyMap<string, ComparableTag>,
  now: EpochMs,
): Membership => {
  let partial = false;
  for (const rule of segments.rules) {
    const all = rule.when.every((condition) => {
      const tag = tags.get(condition.tag);
      partial ||= tag?.partial === true;
      return holds(condition, tag?.comparable, now);
    });
    if (all) return { value: rule.name, partial };
  }
  return { value: segments.otherwise, partial };
};
