import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { invariant } from '../core/invariant.ts';
import { KEY_KINDS, type KeyKind, type KeyStore, type StoredKey } from '../ports/key-store.ts';
import { keyRowOf, tenantRowOf } from '../runtime/keys.ts';

const isKeyKind = (kind: string): kind is KeyKind =>
  (KEY_KINDS as readonly string[]).includes(kind);

const textOf = (item: Readonly<Record<string, AttributeValue>>, name: string): string => {
  const text = item[name]?.S;
  invariant(text !== undefined, `a key's row has the text ${name}`);
  return text;
};

export const storedKeyOf = (item: Readonly<Record<string, AttributeValue>>): StoredKey => {
  const kind = textOf(item, 'kind');
  invariant(isKeyKind(kind), "a key's row names one of the kinds");
  return {
    tenant: textOf(item, 'tenant'),
    kind,
    id: textOf(item, 'id'),
    createdAt: textOf(item, 'createdAt'),
    ...(item.revokedAt?.S === undefined ? {} : { revokedAt: item.revokedAt.S }),
    ...(item.demo?.BOOL === true ? { demo: true } : {}),
  };
};

export const dynamoKeyStore = (client: DynamoDBClient, table: string): KeyStore => {
  const read = async (pk: string, sk: string) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } } }),
    );
    return Item;
  };
  return {
    find: async (hash) => {
      const item = await read(keyRowOf(hash), 'key');
      return item === undefined ? undefined : storedKeyOf(item);
    },
    simulates: async (tenant) =>
      (await read(tenantRowOf(tenant), 'tenant'))?.simulator?.BOOL === true,
  };
};
