/** What types cannot see of `tributary.config.ts`: each refusal is one sentence for who edits it. */
import { type DurationMs, days, minutes, seconds } from '../time.ts';
import type { TributaryConfig } from './config.ts';
import {
  FIELD_ROOTS,
  type FieldFilter,
  type Measure,
  previousOf,
  type Scalar,
  spanMs,
  type TagDefinition,
  tagVersion,
} from './definition.ts';
import { microsIn } from './matching.ts';
import type { TagCondition } from './segment.ts';

export type ConfiguredTags = { readonly [K in 'tags' | 'segments']: TributaryConfig[K] };

/** A sentence for whoever edits `tributary.config.ts`. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';
}

const HOPS: readonly DurationMs[] = [seconds(10), seconds(30), minutes(1), minutes(5), minutes(30)];
const WINDOW_TILES_MAX = 96;
const DAY = days(1);
const WINDOW_MIN = minutes(1);
const WINDOW_MAX = days(365);
/** Longer windows have whole days as tiles. */
export const SHORT_WINDOW_MAX = days(2);
const FOLDED_WINDOW_MAX = days(120);
const NAME = /^[a-z][a-z0-9_]{0,63}$/;
/** The flat route gives the segment under this name. */
const RESERVED_NAME = 'segment_id';
const FIELD = new RegExp(`^(${FIELD_ROOTS.join('|')})(\\.[A-Za-z0-9_]{1,64}){1,8}$`);

/** How far a window moves at once; undefined where the window is no multiple of it. */
export const hopOf = (length: DurationMs): DurationMs | undefined => {
  const hop =
    length > SHORT_WINDOW_MAX ? DAY : HOPS.find((each) => length / each <= WINDOW_TILES_MAX);
  return hop !== undefined && length > 0 && length % hop === 0 ? hop : undefined;
};

export const refuse = (tag: TagDefinition, because: string): never => {
  throw new ConfigRefused(`The tag "${tag.name}" in tributary.config.ts ${because}.`);
};

export const fieldsOf = ({ measure, events }: TagDefinition): readonly string[] => [
  ...('field' in measure && measure.field !== 'timestamp' ? [measure.field] : []),
  ...(events.where ?? []).map(({ field }) => field),
];

const isInstant = ({ op }: Measure): boolean =>
  op === 'first' || op === 'last' || op === 'timeSince';

const scalarsOf = (filter: FieldFilter): readonly Scalar[] => {
  if ('is' in filter) return [filter.is];
  if ('in' in filter) return filter.in;
  if ('atLeast' in filter) return [filter.atLeast];
  return 'atMost' in filter ? [filter.atMost] : [];
};

const checkEvents = (tag: TagDefinition): void => {
  const { kinds, names, where = [] } = tag.events;
  const isEmpty = where.some((filter) => 'in' in filter && filter.in.length === 0);
  if (kinds?.length === 0 || names?.length === 0 || isEmpty) {
    refuse(tag, 'has an empty list in its events, which no event is in');
  }
  const wrong = where
    .flatMap(scalarsOf)
    .find((each) => typeof each === 'number' && microsIn(each) === undefined);
  if (wrong !== undefined) {
    refuse(tag, `compares with ${wrong}; numbers have at most 12 digits and 6 decimals`);
  }
};

const checkFields = (tag: TagDefinition): void => {
  const wrong = fieldsOf(tag).find((field) => !FIELD.test(field));
  if (wrong !== undefined) {
    refuse(
      tag,
      `reads "${wrong}"; a field is a path like properties.plan, below ${FIELD_ROOTS.join(', ')}`,
    );
  }
};

/** Six decimals are what a weight keeps. */
const isWeight = (weight: number): boolean =>
  weight > 0 && weight <= 1e6 && Number.isInteger(Math.round(weight * 1e12) / 1e6);

const checkTop = (tag: TagDefinition): void => {
  const { measure, period, source } = tag;
  if (measure.op !== 'top') return;
  const [name, weight] =
    Object.entries(measure.weights ?? {}).find(([, each]) => !isWeight(each)) ?? [];
  if (name !== undefined) {
    refuse(
      tag,
      `weighs "${name}" with ${weight}; a weight is above 0, at most 1,000,000, with at most 6 decimals`,
    );
  }
  const halfLife = 'halfLife' in measure ? measure.halfLife : undefined;
  if (halfLife !== undefined && period.kind === 'over') {
    refuse(tag, 'has a window and a half-life; what fades is always over a lifetime');
  }
  if (halfLife !== undefined && !(spanMs(halfLife) >= DAY && spanMs(halfLife) <= WINDOW_MAX)) {
    refuse(tag, 'has a half-life outside of 1 to 365 days');
  }
  if (period.kind === 'over' && source !== 'batch') {
    refuse(tag, 'finds the top of a window, which the nightly job alone can do');
  }
};

const checkWindow = (tag: TagDefinition): void => {
  const { period, source } = tag;
  if (period.kind === 'lifetime') return;
  const { length } = period;
  if (length < WINDOW_MIN || length > WINDOW_MAX) {
    refuse(tag, 'has a window outside of 1 minute to 365 days');
  }
  if (hopOf(length) === undefined) {
    refuse(tag, 'has a window that is no multiple of its hop (10 s up to 30 min, 1 d above 2 d)');
  }
  if (length <= SHORT_WINDOW_MAX && source !== 'stream') {
    refuse(tag, 'has a window of at most 2 d, which only the stream can keep');
  }
  if (length > FOLDED_WINDOW_MAX && source !== 'batch') {
    refuse(tag, `has a window above ${FOLDED_WINDOW_MAX / DAY} d, which only the nightly can keep`);
  }
};

const checkTag = (tag: TagDefinition): void => {
  const { name, measure, period, source } = tag;
  if (!NAME.test(name) || name === RESERVED_NAME) {
    refuse(tag, 'needs another name: a lower-case letter, then at most 63 of a-z, 0-9 and _');
  }
  if (isInstant(measure) && period.kind !== 'lifetime') {
    refuse(tag, 'is an instant, and an instant is always over a lifetime');
  }
  if ((measure.op === 'distinct' || measure.op === 'top') && source === 'both') {
    refuse(tag, 'cannot be added up from stream and nightly: it is in the one or in the other');
  }
  checkFields(tag);
  checkEvents(tag);
  checkTop(tag);
  checkWindow(tag);
};

const typeOf = ({ measure }: TagDefinition): 'number' | 'time' | 'text' => {
  if (measure.op === 'top') return 'text';
  if (measure.op !== 'first' && measure.op !== 'last') return 'number';
  return measure.field === 'timestamp' ? 'time' : 'text';
};

const askedType = (condition: TagCondition): ReturnType<typeof typeOf> => {
  if ('is' in condition || 'in' in condition) return 'text';
  return 'atLeast' in condition || 'atMost' in condition ? 'number' : 'time';
};

const checkSegments = ({ tags, segments }: ConfiguredTags): void => {
  const known = new Map(tags.map((tag) => [tag.name, tag]));
  for (const { name, when } of segments.rules) {
    const segment = `The segment "${name}" in tributary.config.ts`;
    for (const condition of when) {
      const tag = known.get(condition.tag);
      if (tag === undefined) {
        throw new ConfigRefused(
          `${segment} asks for the tag "${condition.tag}", which is not defined.`,
        );
      }
      const [asked, has] = [askedType(condition), typeOf(tag)];
      if (asked !== has) {
        throw new ConfigRefused(
          `${segment} asks of the tag "${tag.name}" what one asks of a ${asked} value, and it has a ${has} value.`,
        );
      }
    }
  }
};

export const checkTags = (config: ConfiguredTags): void => {
  const names = new Set<string>();
  for (const tag of config.tags) {
    checkTag(tag);
    const previous = previousOf(tag);
    if (previous !== undefined) {
      checkTag(previous);
      if (tagVersion(previous) === tagVersion(tag))
        refuse(tag, 'means previously what it means now');
    }
    if (names.has(tag.name)) refuse(tag, 'is defined twice');
    names.add(tag.name);
  }
  checkSegments(config);
};
