/** Rows of trends as DynamoDB's attributes and back; the texts are deflated. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invariant } from '../core/invariant.ts';
import {
  decodeCategories,
  decodeTrendState,
  encodeCategories,
  encodeTrendState,
  TRENDS_BYTES_MAX,
  type TrendsTick,
} from '../core/recommend/trend-codec.ts';
import { scopeTtl, tickTtl } from '../core/recommend/trend-rows.ts';
import type { TrendState } from '../core/recommend/trend-state.ts';

type Attributes = Readonly<Record<string, AttributeValue>>;
type Key = Record<'pk' | 'sk', AttributeValue>;

const SCOPE_SK = 'tr';

const scopePk = (tenant: string, scope: string): string => `i#${tenant}#trend#${scope}`;
export const scopeKey = (tenant: string, scope: string): Key => ({
  pk: { S: scopePk(tenant, scope) },
  sk: { S: SCOPE_SK },
});
export const tickKey = (tenant: string): Key => ({
  pk: { S: `tick#${tenant}` },
  sk: { S: 'trends' },
});

const rowOf = (through: number, ttl: number, text: string): Record<string, AttributeValue> => ({
  through: { N: String(through) },
  ttl: { N: String(ttl) },
  z: { B: deflateRawSync(text) },
});

const textIn = ({ z }: Attributes): string => {
  invariant(z?.B !== undefined, 'a row of trends has a text');
  return inflateRawSync(z.B, { maxOutputLength: TRENDS_BYTES_MAX }).toString('utf8');
};

export const stateToItem = (state: TrendState): Record<string, AttributeValue> =>
  rowOf(state.through, scopeTtl(state.through), encodeTrendState(state));

export const itemToState = (tenant: string, item: Attributes): TrendState => {
  const scope = (item.pk?.S ?? '').slice(scopePk(tenant, '').length);
  return decodeTrendState(scope, textIn(item));
};

export const tickToItem = ({ through, categories }: TrendsTick): Record<string, AttributeValue> =>
  rowOf(through, tickTtl(through), encodeCategories(categories));

export const itemToTick = (item: Attributes): TrendsTick => {
  const through = Number(item.through?.N);
  invariant(Number.isSafeInteger(through), 'a tick names its newest minute');
  return { through, categories: decodeCategories(textIn(item)) };
};
