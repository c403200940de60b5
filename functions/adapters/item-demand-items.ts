/** Rows of demand as DynamoDB's attributes and back. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invariant } from '../core/invariant.ts';
import { decodeDemand, encodeDemand } from '../core/recommend/demand-codec.ts';
import type { DemandTable } from '../core/recommend/demand-table.ts';
import type { Attributes } from './tally-items.ts';

export interface DemandItem {
  /** Goes up by one with every write. */
  readonly version: number;
  /** Epoch seconds. */
  readonly ttl: number;
  readonly table: DemandTable;
}

export const demandToItem = ({
  version,
  ttl,
  table,
}: DemandItem): Record<string, AttributeValue> => ({
  v: { N: String(version) },
  ttl: { N: String(ttl) },
  p: { S: encodeDemand(table) },
});

/** Throws what cannot be read: nobody may write over it before a person has looked. */
export const itemToDemand = (item: Attributes): DemandItem => {
  const [version, ttl, text] = [Number(item.v?.N), Number(item.ttl?.N), item.p?.S];
  invariant(Number.isSafeInteger(version), 'a row of demand has a version');
  invariant(Number.isSafeInteger(ttl), 'a row of demand has a time to live');
  invariant(text !== undefined, 'a row of demand has a table');
  return { version, ttl, table: decodeDemand(text) };
};
