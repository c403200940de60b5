import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Origin } from '../core/event/event.ts';
import {
  ENTRY_NAMES,
  offEntry,
  type ProfileEntries,
  traitsEntry,
  UnreadableEntry,
  type UserEntries,
} from '../ports/profile-entries.ts';
import type { Found } from '../ports/profile-store.ts';
import {
  type Attributes,
  itemKeyOf,
  itemToOff,
  itemToProfile,
  itemToTraits,
} from './profile-items.ts';

/** DynamoDB's own: keys of one BatchGetItem. */
const KEYS_MAX = 100;
const TRIES_MAX = 5;

type Key = ReturnType<typeof itemKeyOf>;
const textOf = ({ pk, sk }: Attributes): string => `${pk?.S}\n${sk?.S}`;

/** An item that cannot be read is a fault of this request, never an unknown user. */
const found = <T extends object>(item: Found<T>): T | undefined => {
  if (item !== undefined && 'unreadable' in item) throw new UnreadableEntry(item.unreadable);
  return item as T | undefined;
};

export const dynamoProfileEntries = (client: DynamoDBClient, table: string): ProfileEntries => {
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

  const entriesOf = (origin: Origin, items: ReadonlyMap<string, Attributes>): UserEntries => {
    const profile = found(itemToProfile(items.get(textOf(itemKeyOf(origin, 'rt')))));
    const traits = found(itemToTraits(items.get(textOf(itemKeyOf(origin, 'tr')))));
    const off = found(itemToOff(items.get(textOf(itemKeyOf(origin, 'off')))));
    return {
      ...(profile && {
        rt: {
          since: profile.since,
          version: profile.version,
          ttl: profile.ttl,
          at: profile.newestArrivedAt,
          stored: profile.facets,
        },
      }),
      ...(traits && { tr: traitsEntry(traits.version, traits.ttl, traits.traits) }),
      ...(off && { off: offEntry(off) }),
    };
  };

  return {
    read: async (origins) => {
      const keys = origins.flatMap((origin) => ENTRY_NAMES.map((name) => itemKeyOf(origin, name)));
      const unique = new Map(keys.map((key) => [textOf(key), key]));
      const items = await getAll([...unique.values()]);
      return origins.map((origin) => entriesOf(origin, items));
    },
  };
};
