import type { Json, JsonObject } from './event.ts';
import {
  isJsonObject,
  isText,
  isTextOrNumber,
  type Members,
  membersOf,
  own,
  withMember,
} from './members.ts';

/** The flat members of the five systems' shapes, by the name that they have in `properties`. */
const FLAT_MEMBERS: readonly (readonly [canonical: string, ...sent: string[]])[] = [
  ['product_id', 'productId', 'product_id', 'itemId', 'item_id'],
  ['category', 'category'],
  ['price', 'price'],
  ['quantity', 'quantity'],
  ['currency', 'currency'],
  ['revenue', 'revenue', 'amount'],
  ['total', 'total'],
  ['value', 'value'],
  ['order_id', 'orderId', 'order_id'],
  ['cart_id', 'cartId', 'cart_id'],
  ['ad_id', 'adId', 'ad_id'],
  ['campaign_id', 'campaignId', 'campaign_id'],
  ['query', 'query'],
  ['result_count', 'resultCount', 'result_count'],
  ['products', 'items', 'products'],
  ['url', 'pageUrl', 'page_url'],
];

const FLAT_NAMES: ReadonlySet<string> = new Set(FLAT_MEMBERS.flatMap(([, ...sent]) => sent));

const isScalarOrList = (value: Json): value is Json => !isJsonObject(value);

/** Moves flat members into the properties; one that is there already stays among the extras. */
export const gatherProperties = (members: Members): JsonObject => {
  let properties = members.take(['properties'], isJsonObject) ?? {};
  if (!members.hasAny(FLAT_NAMES)) return properties;
  for (const [canonical, ...sent] of FLAT_MEMBERS) {
    if ((own(properties, canonical) ?? null) !== null) continue;
    const value = members.take(sent, isScalarOrList);
    if (value !== undefined) properties = { ...properties, [canonical]: value };
  }
  return properties;
};

export interface Placed {
  readonly properties: JsonObject;
  readonly context: JsonObject;
}

/** 000 writes labels where the canonical context has objects: `page`, `device`, `geo`. */
const LABELS: readonly (readonly [sent: string, member: string, inside: string])[] = [
  ['page', 'page', 'name'],
  ['device', 'device', 'type'],
  ['geo', 'location', 'country'],
];

const placeLabel = (
  context: JsonObject,
  [sent, member, inside]: readonly [string, string, string],
): JsonObject => {
  if (!isText(own(context, sent) ?? null)) return context;
  const members = membersOf(context);
  const label = members.take([sent], isText);
  if (label === undefined) return context;
  const rest = members.rest();
  const there = own(rest, member) ?? {};
  const object = isJsonObject(there) ? withMember(there, inside, label) : undefined;
  return object === undefined ? context : { ...rest, [member]: object };
};

const withPageUrl = (context: JsonObject, url: Json | undefined): JsonObject => {
  const page = own(context, 'page') ?? {};
  if (typeof url !== 'string' || !isJsonObject(page)) return context;
  const named = withMember(page, 'url', url);
  return named === undefined ? context : { ...context, page: named };
};

/** Puts what 000 sends in `context`, and 004's page URL, where the canonical event has them. */
export const placeContext = (
  sent: JsonObject,
  before: JsonObject,
  pageUrl: Json | undefined,
): Placed => {
  const members = membersOf(sent);
  let properties = before;
  for (const [canonical, name] of [
    ['product_id', 'itemId'],
    ['category', 'category'],
  ] as const) {
    const value = members.peek([name]);
    if (value === undefined || (!isTextOrNumber(value) && !Array.isArray(value))) continue;
    const moved = withMember(properties, canonical, value);
    if (moved === undefined) continue;
    properties = moved;
    members.take([name]);
  }
  const labelled = LABELS.reduce(placeLabel, members.rest());
  return { properties, context: withPageUrl(labelled, pageUrl) };
};
