import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Origin } from '../core/event/event.ts';
import type { Found, ProfileStore, Saved } from '../ports/profile-store.ts';
import {
  type Attributes,
  type ItemName,
  itemKeyOf,
  itemToProfile,
  itemToTraits,
  profileToItem,
  traitsToItem,
} from './profile-items.ts';

/**
 * Where our own write succeeded and only its answer was lost, the SDK's retry finds the condition
 * false and hands over what we wrote; the fence in it then says that nothing is left to do.
 */
export const dynamoProfileStore = (client: DynamoDBClient, table: string): ProfileStore => {
  const get = async (origin: Origin, item: ItemName): Promise<Attributes | undefined> => {
    // Eventually consistent, at half the price: a stale read loses the race and folds again.
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: itemKeyOf(origin, item) }),
    );
    return Item;
  };

  const put = async <T>(
    key: Record<string, AttributeValue>,
    item: Record<string, AttributeValue>,
    readVersion: number | undefined,
    read: (item: Attributes | undefined) => Found<T>,
  ): Promise<Saved<T>> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...key, ...item },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ...(readVersion === undefined
            ? { ConditionExpression: 'attribute_not_exists(pk)' }
            : {
                ConditionExpression: 'v = :read',
                ExpressionAttributeValues: { ':read': { N: String(readVersion) } },
              }),
        }),
      );
      return { kind: 'saved' };
    } catch (fault) {
      if (!(fault instanceof ConditionalCheckFailedException)) throw fault;
      return { kind: 'conflict', winner: read(fault.Item) };
    }
  };

  return {
    load: async (origin) => itemToProfile(await get(origin, 'rt')),
    save: (origin, profile, readVersion) =>
      put(itemKeyOf(origin, 'rt'), profileToItem(profile), readVersion, itemToProfile),
    loadTraits: async (origin) => itemToTraits(await get(origin, 'tr')),
    saveTraits: (origin, traits, readVersion) =>
      put(itemKeyOf(origin, 'tr'), traitsToItem(traits), readVersion, itemToTraits),
  };
};
