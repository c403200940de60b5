import { CATEGORIES, catalogue, type Item } from './catalogue.ts';
import type { Transport } from './transport.ts';

/** Of one request, as the API takes them. */
const ITEMS_MAX = 500;

/** The theme is an attribute: events of the five systems know the shelf alone. */
const offered = ({ id, name, category, theme, priceCents }: Item) => ({
  id,
  name,
  categories: [category],
  price: priceCents / 100,
  attributes: { theme },
});

/** Puts what the shop sells, so that it can be recommended before anybody has looked at it. */
export const offerCatalogue = async (transport: Transport): Promise<string> => {
  for (let from = 0; from < catalogue.length; from += ITEMS_MAX) {
    const items = catalogue.slice(from, from + ITEMS_MAX).map(offered);
    const body = JSON.stringify({ items });
    const reply = await transport({ method: 'PUT', path: '/v1/items', body });
    const stored = reply.status === 200 ? Number(JSON.parse(reply.body).stored) : -1;
    if (stored !== items.length) {
      throw new Error(`the catalogue was not taken: ${reply.status} ${reply.body.slice(0, 200)}`);
    }
  }
  return `${catalogue.length} items on ${CATEGORIES.length} shelves put into the catalogue`;
};
