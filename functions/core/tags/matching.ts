/** What one event adds to a tag. */
import type { CanonicalEvent } from '../event/event.ts';
import { invariant } from '../invariant.ts';
import type { EventFilter, TagDefinition } from './definition.ts';

export const matches = (
  { kinds, names }: EventFilter,
  event: Pick<CanonicalEvent, 'kind' | 'name'>,
): boolean => {
  if (kinds === undefined && names === undefined) return true;
  return kinds?.includes(event.kind) === true || names?.includes(event.name) === true;
};

/** 0 where the event adds nothing; an order that was counted before adds no order and no revenue. */
export const amountOf = (
  { measure }: TagDefinition,
  event: Pick<CanonicalEvent, 'commerce'>,
  orderCounts: boolean,
): number => {
  if (measure.op === 'count') return 1;
  if (measure.op !== 'sum' || !orderCounts) return 0;
  const { orders = 0, revenueMicros = 0 } = event.commerce ?? {};
  const amount = measure.field === 'commerce.orders' ? orders : revenueMicros;
  invariant(Number.isSafeInteger(amount), 'a sum adds safe integers');
  return amount;
};
