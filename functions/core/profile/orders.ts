import type { EnrichedEvent } from '../event/event.ts';
import { hash48 } from '../hash.ts';

/** 48-bit hashes of (name, orderId) of the orders that were counted last, oldest first. */
export type OrderMemory = readonly number[];

export const ORDERS_MAX = 16;

/**
 * The name under which an order counts once. A completed or cancelled order counts once per orderId
 * however many events tell of it; a refund may come in several parts, so it counts per event.
 */
export const orderHash = ({ name, commerce }: EnrichedEvent): number | undefined =>
  commerce?.orderId === undefined || (commerce.orders ?? 0) === 0
    ? undefined
    : hash48(`${name}\n${commerce.orderId}`);
