/** What the routes of items take and answer; the OpenAPI document is made from the same. */
import * as z from 'zod';
import { CATEGORIES_MAX, CATEGORY_CHARACTERS_MAX } from '../enrichment/category-vector.ts';
import { utf8Bytes } from '../event/utf8.ts';
import { ITEM_ID_BYTES_MAX } from '../profile/recent-items.ts';

/** Of one request. */
export const ITEMS_MAX = 500;
export const ATTRIBUTES_MAX = 50;
const NAME_CHARACTERS_MAX = 256;
const ATTRIBUTE_CHARACTERS_MAX = 512;
const URL_CHARACTERS_MAX = 2_048;
/** Beyond it millionths are no whole numbers of a double any more. */
const PRICE_MAX = 1e9;
const PRICE_DECIMALS = 6;

const id = z
  .string()
  .min(1)
  .refine((text) => utf8Bytes(text) <= ITEM_ID_BYTES_MAX, {
    error: `at most ${ITEM_ID_BYTES_MAX} bytes`,
  })
  .describe('As events name it in `product_id`, or `itemId`');

const price = z
  .number()
  .min(0)
  .max(PRICE_MAX)
  .refine((value) => Number(value.toFixed(PRICE_DECIMALS)) === value, {
    error: `at most ${PRICE_DECIMALS} decimals`,
  });

const web = z.url({ protocol: /^https?$/ }).max(URL_CHARACTERS_MAX);
const scalar = z.union([z.string().max(ATTRIBUTE_CHARACTERS_MAX), z.number(), z.boolean()]);

export const itemInput = z.strictObject({
  id,
  name: z.string().min(1).max(NAME_CHARACTERS_MAX).optional(),
  categories: z
    .array(z.string().trim().min(1).max(CATEGORY_CHARACTERS_MAX))
    .max(CATEGORIES_MAX)
    .default([])
    .describe('The first is the main one; kept in upper case, each once'),
  price: price.optional().describe("In the platform's currency"),
  available: z.boolean().default(true).describe('What is not is never recommended'),
  owner: id.optional().describe('The user who offers it, to whom it is not recommended'),
  url: web.optional(),
  image: web.optional(),
  attributes: z
    .record(z.string().min(1).max(CATEGORY_CHARACTERS_MAX), scalar)
    .refine((all) => Object.keys(all).length <= ATTRIBUTES_MAX, {
      error: `at most ${ATTRIBUTES_MAX}`,
    })
    .default({}),
});
export type ItemInput = z.infer<typeof itemInput>;

export const itemsAsk = z.object({ items: z.array(itemInput).min(1).max(ITEMS_MAX) });

export const itemAnswer = z.object({
  ...itemInput.shape,
  createdAt: z.string().describe('When it was first put'),
  updatedAt: z.string(),
});
export type ItemAnswer = z.infer<typeof itemAnswer>;

const putResult = z.object({
  index: z.int().min(0),
  id: z.string().optional().describe('Absent where it has none'),
  status: z.enum(['stored', 'rejected']),
  error: z.string().optional(),
});
export type PutResult = z.infer<typeof putResult>;

export const putItemsAnswer = z.object({
  stored: z.int(),
  rejected: z.int(),
  results: z.array(putResult).describe('One for each item, in their order'),
});
export type PutItemsAnswer = z.infer<typeof putItemsAnswer>;
