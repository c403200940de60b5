import * as z from 'zod';
import { itemAnswer, itemInput, itemsAsk, putItemsAnswer } from '../core/catalogue/item-schemas.ts';
import { ITEM_ID_BYTES_MAX } from '../core/profile/recent-items.ts';
import { schemaOf } from './json-schema.ts';
import { answer, get, inPath, type ProblemOf, type Responses } from './profile-paths.ts';

const id = inPath('id', ITEM_ID_BYTES_MAX);

/** The routes of the catalogue, which the function `admin` answers. */
export const ITEM_PATHS = (keyProblems: Responses, problemOf: ProblemOf) => ({
  '/v1/items': {
    put: {
      operationId: 'putItems',
      summary: 'Put items into the catalogue, each in place of what was there',
      description: 'Each item is judged alone. A request may be sent again: it changes nothing.',
      tags: ['catalogue'],
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: schemaOf(z.union([itemsAsk, z.array(itemInput)])) },
        },
      },
      responses: {
        '200': answer('What became of each item', putItemsAnswer),
        '400': problemOf('Not readable, no items, or too many'),
        ...keyProblems,
        '413': problemOf('Too large: send the items in several requests'),
        '422': answer('No item could be stored', putItemsAnswer),
      },
    },
  },
  '/v1/items/{id}': {
    ...get('getItem', 'An item of the catalogue', 'catalogue', [id], {
      '200': answer('The item', itemAnswer),
      ...keyProblems,
      '404': problemOf('No item of this id'),
    }),
    delete: {
      operationId: 'deleteItem',
      summary: 'Remove an item from the catalogue',
      tags: ['catalogue'],
      parameters: [id],
      responses: { '204': { description: 'It is not there, or not any more' }, ...keyProblems },
    },
  },
});
