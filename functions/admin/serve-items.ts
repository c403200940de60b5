/** Keeps the catalogue: items are put, read and removed one by one, by their id. */
import { answerItem, readItems } from '../core/catalogue/item.ts';
import { ITEMS_MAX, type PutItemsAnswer } from '../core/catalogue/item-schemas.ts';
import { epochMs } from '../core/time.ts';
import type { CatalogueStore } from '../ports/catalogue-store.ts';
import { readBody } from '../runtime/body.ts';
import { type HttpRequest, type HttpResponse, json, problem } from '../runtime/http.ts';

export interface ItemsPorts {
  readonly catalogue: CatalogueStore;
  readonly now: () => number;
}

export const ITEMS_PATH = '/v1/items';
/** As many items as a request may have, of two kilobytes each. */
const BODY_BYTES_MAX = 1_024 * 1_024;
/** Whoever has just put an item reads it, not what was there before. */
const CACHING = { 'cache-control': 'no-store' };

const TOO_LARGE = `A body has at most ${BODY_BYTES_MAX / 1_024} KiB: send the items in several requests.`;

/** The items as sent, or what is wrong with the request as a whole. */
const itemsIn = (request: HttpRequest): readonly unknown[] | HttpResponse => {
  const { requestId } = request;
  const refused = (detail: string, status = 400): HttpResponse => {
    const code = status === 413 ? 'body_too_large' : 'bad_items';
    return problem({ status, code, title: 'The items cannot be read', detail }, requestId);
  };
  const body = readBody(request, BODY_BYTES_MAX);
  if ('refused' in body)
    return body.refused === 'too_large'
      ? refused(TOO_LARGE, 413)
      : refused('The body is JSON in UTF-8.');
  let sent: unknown;
  try {
    sent = JSON.parse(body.text);
  } catch {
    return refused('The body is not JSON.');
  }
  const items = typeof sent === 'object' && sent !== null && 'items' in sent ? sent.items : sent;
  if (!Array.isArray(items) || items.length === 0)
    return refused('Send `{"items": […]}`, or a list of items.');
  return items.length > ITEMS_MAX
    ? refused(`At most ${ITEMS_MAX} items a request; these are ${items.length}.`)
    : items;
};

/** Each item is answered for; where the store fails, the whole request may be sent again. */
const putItems = async (
  { catalogue, now }: ItemsPorts,
  request: HttpRequest,
  tenant: string,
): Promise<HttpResponse> => {
  const sent = itemsIn(request);
  if ('statusCode' in sent) return sent;
  const { items, results } = readItems(sent);
  await catalogue.put(tenant, items, epochMs(now()));
  const answer: PutItemsAnswer = {
    stored: items.length,
    rejected: results.length - items.length,
    results: [...results],
  };
  return json(items.length === 0 ? 422 : 200, answer, CACHING);
};

export const serveItems = async (
  ports: ItemsPorts,
  request: HttpRequest,
  tenant: string,
): Promise<HttpResponse> => {
  if (request.method === 'PUT') return putItems(ports, request, tenant);
  const { id = '' } = request.pathParameters;
  if (request.method === 'DELETE') {
    await ports.catalogue.remove(tenant, id);
    return { statusCode: 204, headers: CACHING, body: '' };
  }
  const found = await ports.catalogue.find(tenant, id);
  const detail = 'No item of this id was put; PUT /v1/items puts it.';
  return found === undefined
    ? problem(
        { status: 404, code: 'unknown_item', title: 'No such item', detail },
        request.requestId,
      )
    : json(200, answerItem(found), CACHING);
};
