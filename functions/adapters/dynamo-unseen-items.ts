import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { UnseenItem, UnseenItems } from '../ports/catalogue-store.ts';
import { eachBounded } from '../runtime/each-bounded.ts';
import { changedTenantKey, changeKey, itemKey, markChanged } from './catalogue-rows.ts';

const WRITES_AT_ONCE = 16;

const unlessRefused = <T>(
  fault: unknown,
  then: (refusal: ConditionalCheckFailedException) => T,
): T => {
  if (fault instanceof ConditionalCheckFailedException) return then(fault);
  throw fault;
};

/**
 * A second try finds the row of the first and puts nothing, so the row itself says `untold` until
 * its change was told: whoever finds it so, tells it.
 */
export const dynamoUnseenItems = (client: DynamoDBClient, table: string): UnseenItems => {
  const isToTell = async (tenant: string, { item, at }: UnseenItem): Promise<boolean> => {
    const instant = { N: String(at) };
    const row = { it: { S: JSON.stringify(item) }, c: instant, u: instant };
    const put = new PutItemCommand({
      TableName: table,
      Item: { ...itemKey(tenant, item.id), ...row, untold: { BOOL: true } },
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return client.send(put).then(
      () => true,
      (fault) => unlessRefused(fault, ({ Item }) => Item?.untold !== undefined),
    );
  };

  const noteTold = async (tenant: string, id: string): Promise<void> => {
    const update = new UpdateItemCommand({
      TableName: table,
      Key: itemKey(tenant, id),
      UpdateExpression: 'REMOVE untold',
      ConditionExpression: 'attribute_exists(pk)',
    });
    // Who removed it meanwhile has told that.
    await client.send(update).catch((fault) => unlessRefused(fault, () => undefined));
  };

  return {
    putUnseen: async (tenant, items) => {
      const told: string[] = [];
      await eachBounded(items, WRITES_AT_ONCE, async (unseen) => {
        if (!(await isToTell(tenant, unseen))) return;
        await markChanged(client, table, changeKey(tenant, unseen.item.id));
        told.push(unseen.item.id);
      });
      if (told.length > 0) await markChanged(client, table, changedTenantKey(tenant));
      await eachBounded(told, WRITES_AT_ONCE, (id) => noteTold(tenant, id));
      return told.length;
    },
  };
};
