/** The items `rt` and `tr` of a user, as DynamoDB's attributes and back. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Origin } from '../core/event/event.ts';
import { invariant } from '../core/invariant.ts';
import type { StoredOff } from '../core/profile/stored-off.ts';
import type { StoredProfile } from '../core/profile/stored-profile.ts';
import { epochMs } from '../core/time.ts';
import type { Found, StoredTraits } from '../ports/profile-store.ts';

export type Attributes = Readonly<Record<string, AttributeValue>>;
export type ItemName = 'rt' | 'tr' | 'off';

export const itemKeyOf = (
  { tenant, user }: Origin,
  item: ItemName,
): Record<'pk' | 'sk', AttributeValue> => ({
  pk: { S: `u#${tenant}#${user}` },
  sk: { S: item },
});

const number = (value: number): AttributeValue => ({ N: String(value) });

const numberIn = (item: Attributes, name: string): number => {
  const value = Number(item[name]?.N);
  invariant(Number.isSafeInteger(value), `attribute ${name} is a whole number`);
  return value;
};

const textIn = (item: Attributes, name: string): string => {
  const value = item[name]?.S;
  invariant(value !== undefined, `attribute ${name} is a text`);
  return value;
};

/** What is damaged is told apart from what is absent: nobody may write over it. */
const readable = <T>(item: Attributes | undefined, read: (item: Attributes) => T): Found<T> => {
  if (item === undefined) return undefined;
  try {
    return read(item);
  } catch (bug) {
    return { unreadable: bug instanceof Error ? bug.message : String(bug) };
  }
};

export const profileToItem = (profile: StoredProfile): Record<string, AttributeValue> => ({
  v: number(profile.version),
  ttl: number(profile.ttl),
  since: number(profile.since),
  at: number(profile.newestArrivedAt),
  known: { BOOL: profile.known },
  dup: number(profile.duplicates),
  m: { B: profile.memory },
  p: { S: profile.facets },
  fx: { S: profile.fx },
});

export const itemToProfile = (item: Attributes | undefined): Found<StoredProfile> =>
  readable(item, (found) => {
    const memory = found.m?.B;
    invariant(memory !== undefined, 'attribute m is bytes');
    return {
      version: numberIn(found, 'v'),
      ttl: numberIn(found, 'ttl'),
      since: epochMs(numberIn(found, 'since')),
      newestArrivedAt: epochMs(numberIn(found, 'at')),
      known: found.known?.BOOL === true,
      duplicates: numberIn(found, 'dup'),
      memory,
      facets: textIn(found, 'p'),
      fx: textIn(found, 'fx'),
    };
  });

export const traitsToItem = (traits: StoredTraits): Record<string, AttributeValue> => ({
  v: number(traits.version),
  ttl: number(traits.ttl),
  p: { S: traits.traits },
});

export const itemToTraits = (item: Attributes | undefined): Found<StoredTraits> =>
  readable(item, (found) => ({
    version: numberIn(found, 'v'),
    ttl: numberIn(found, 'ttl'),
    traits: textIn(found, 'p'),
  }));

export const offToItem = ({
  runId,
  cut,
  ttl,
  tags,
}: StoredOff): Record<string, AttributeValue> => ({
  runId: { S: runId },
  cut: number(cut),
  ttl: number(ttl),
  p: { S: tags },
});

export const itemToOff = (item: Attributes | undefined): Found<StoredOff> =>
  readable(item, (found) => ({
    runId: textIn(found, 'runId'),
    cut: numberIn(found, 'cut'),
    ttl: numberIn(found, 'ttl'),
    tags: textIn(found, 'p'),
  }));
