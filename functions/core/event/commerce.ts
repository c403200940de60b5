import { divideRounded, MICROS_PER_UNIT, microsOf, safeMicros, timesMicros } from './decimal.ts';
import type { Commerce, CommerceItem, JsonObject } from './event.ts';
import { COMMERCE_ITEMS_MAX } from './limits.ts';

/** What one unit of a currency is worth, and the tenant's own. */
export interface Money {
  readonly currency: string;
  readonly rates: Readonly<Record<string, string>>;
}

const ORDER_SIGNS: ReadonlyMap<
  string,
  { readonly orders: -1 | 0 | 1; readonly takesOff: boolean }
> = new Map([
  ['Order Completed', { orders: 1, takesOff: false }],
  ['Order Cancelled', { orders: -1, takesOff: true }],
  ['Order Refunded', { orders: 0, takesOff: true }],
]);

/** Native senders write `order_id`, many write `orderId`: the first that is there counts. */
const pick = (source: JsonObject, ...names: readonly string[]): unknown => {
  for (const name of names) {
    const value = Object.hasOwn(source, name) ? source[name] : undefined;
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
};

const textOf = (value: unknown): string | undefined => {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).trim();
  return text === '' ? undefined : text;
};

export const productIdOf = (source: JsonObject): string | undefined =>
  textOf(pick(source, 'product_id', 'productId', 'item_id', 'itemId'));

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const itemOf = (source: JsonObject): CommerceItem | undefined => {
  const productId = productIdOf(source);
  if (productId === undefined) return undefined;
  const price = microsOf(pick(source, 'price'));
  const priceMicros = price === undefined ? undefined : safeMicros(price);
  const quantity = Number(textOf(pick(source, 'quantity')) ?? Number.NaN);
  const category = textOf(pick(source, 'category'));
  return {
    productId,
    ...(priceMicros === undefined ? {} : { priceMicros }),
    ...(Number.isFinite(quantity) ? { quantity } : {}),
    ...(category === undefined ? {} : { category }),
  };
};

const linesOf = (properties: JsonObject): readonly JsonObject[] => {
  const lines = pick(properties, 'products', 'items');
  return Array.isArray(lines) ? lines.filter(isObject) : [];
};

const lineMicros = (source: JsonObject): bigint | undefined => {
  const price = microsOf(pick(source, 'price'));
  if (price === undefined) return undefined;
  const quantity = pick(source, 'quantity');
  const count = quantity === undefined ? MICROS_PER_UNIT : microsOf(quantity);
  return count === undefined ? undefined : timesMicros(price, count);
};

const sumOfLines = (lines: readonly JsonObject[]): bigint | undefined => {
  const amounts = lines.map(lineMicros).filter((amount) => amount !== undefined);
  return amounts.length === 0 ? undefined : amounts.reduce((sum, amount) => sum + amount, 0n);
};

/** The first of revenue, total, amount, value, Σ items price × quantity, price × quantity. */
const amountOf = (properties: JsonObject, lines: readonly JsonObject[]): bigint | undefined => {
  for (const name of ['revenue', 'total', 'amount', 'value']) {
    const amount = microsOf(pick(properties, name));
    if (amount !== undefined) return amount;
  }
  return sumOfLines(lines) ?? lineMicros(properties);
};

const inOwnCurrency = (amount: bigint, currency: string | undefined, money: Money) => {
  if (currency === undefined || currency === money.currency) return amount;
  const rate = Object.hasOwn(money.rates, currency) ? microsOf(money.rates[currency]) : undefined;
  return rate === undefined ? undefined : divideRounded(amount * rate, MICROS_PER_UNIT);
};

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

const orderFields = (name: string, amount: bigint | undefined): Partial<Commerce> => {
  const sign = ORDER_SIGNS.get(name);
  if (sign === undefined) return {};
  const signed = amount === undefined || !sign.takesOff ? amount : -magnitude(amount);
  const revenueMicros = signed === undefined ? undefined : safeMicros(signed);
  return revenueMicros === undefined
    ? { orders: sign.orders, unpriced: true }
    : { orders: sign.orders, revenueMicros };
};

/** Derived from the properties alone, so it can always be derived again; undefined without commerce. */
export const commerceOf = (
  name: string,
  properties: JsonObject,
  money: Money,
): Commerce | undefined => {
  const lines = linesOf(properties);
  const single = itemOf(properties);
  const items = lines.map(itemOf).filter((item) => item !== undefined);
  const kept = items.length === 0 && single !== undefined ? [single] : items;
  const orderId = textOf(pick(properties, 'order_id', 'orderId'));
  const currency = textOf(pick(properties, 'currency'))?.toUpperCase();
  const amount = amountOf(properties, lines);
  const own = amount === undefined ? undefined : inOwnCurrency(amount, currency, money);
  const commerce: Commerce = {
    ...(kept.length === 0 ? {} : { items: kept.slice(0, COMMERCE_ITEMS_MAX) }),
    ...(orderId === undefined ? {} : { orderId }),
    ...(currency === undefined ? {} : { currency }),
    ...orderFields(name, own),
  };
  return Object.keys(commerce).length === 0 ? undefined : commerce;
};
