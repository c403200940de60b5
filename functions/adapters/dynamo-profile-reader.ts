import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Origin } from '../core/event/event.ts';
import { decodeFacets, type ProfileDefinitions } from '../core/profile/facets.ts';
import { isExpired } from '../core/profile/stored-profile.ts';
import { decodeTraits } from '../core/profile/traits.ts';
import { epochMs } from '../core/time.ts';
import type { ProfileReader, ReadProfile } from '../ports/profile-reader.ts';
import type { Found } from '../ports/profile-store.ts';
import { type Attributes, itemKeyOf, itemToProfile, itemToTraits } from './profile-items.ts';

/** DynamoDB's own: keys of one BatchGetItem. */
const KEYS_MAX = 100;
const TRIES_MAX = 5;

type Key = ReturnType<typeof itemKeyOf>;
const textOf = ({ pk, sk }: Attributes): string => `${pk?.S}\n${sk?.S}`;

/** An item that cannot be read is a fault of this request, never an unknown user. */
const found = <T extends object>(item: Found<T>): T | undefined => {
  if (item !== undefined && 'unreadable' in item) throw new Error(item.unreadable);
  return item as T | undefined;
};

export const dynamoProfileReader = (
  client: DynamoDBClient,
  table: string,
  definitions: ProfileDefinitions,
  now: () => number,
): ProfileReader => {
  const getAll = async (keys: readonly Key[]): Promise<ReadonlyMap<string, Attributes>> => {
    const items = new Map<string, Attributes>();
    let waiting: readonly Record<string, Attributes[string]>[] = keys;
    for (let attempt = 0; waiting.length > 0; attempt += 1) {
      // Unprocessed keys come back under throttling; the SDK retries calls, not those.
      if (attempt >= TRIES_MAX) throw new Error('the table left keys of a read unprocessed');
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({
          RequestItems: { [table]: { Keys: waiting.slice(0, KEYS_MAX) } },
        }),
      );
      for (const item of Responses?.[table] ?? []) items.set(textOf(item), item);
      const unprocessed = UnprocessedKeys?.[table]?.Keys ?? [];
      if (unprocessed.length < Math.min(waiting.length, KEYS_MAX)) attempt = -1;
      waiting = [...unprocessed, ...waiting.slice(KEYS_MAX)];
    }
    return items;
  };

  const readOne = (
    origin: Origin,
    items: ReadonlyMap<string, Attributes>,
  ): ReadProfile | undefined => {
    const profile = found(itemToProfile(items.get(textOf(itemKeyOf(origin, 'rt')))));
    if (profile === undefined || isExpired(profile.ttl, epochMs(now()))) return undefined;
    const stored = found(itemToTraits(items.get(textOf(itemKeyOf(origin, 'tr')))));
    const isTold = stored !== undefined && !isExpired(stored.ttl, epochMs(now()));
    const traits = isTold ? [...decodeTraits(stored.traits).byName] : [];
    return {
      version: profile.version,
      facets: decodeFacets(profile.facets, definitions),
      traits: Object.fromEntries(traits.map(([name, { value }]) => [name, value])),
      newestArrivedAt: profile.newestArrivedAt,
    };
  };

  return {
    read: async (origins) => {
      const keys = origins.flatMap((origin) => [itemKeyOf(origin, 'rt'), itemKeyOf(origin, 'tr')]);
      const unique = new Map(keys.map((key) => [textOf(key), key]));
      const items = await getAll([...unique.values()]);
      return origins.map((origin) => readOne(origin, items));
    },
  };
};
