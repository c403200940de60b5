import { expect, test } from 'vitest';
import { methodsIn } from './methods.ts';

const names = (text: string): readonly string[] => methodsIn(text).map(({ name }) => name);

test('the methods of what an adapter gives out are found, however they are written', () => {
  expect(
    names(`
      export const store = (client: Client): Store => {
        const save = async () => client.send();
        const read = function () { return 1; };
        return { load: async () => 1, save, find: read, name: 'store', remove() { return 2; } };
      };
      export const other = () => ({ put: (records) => records.map(({ data }) => ({ data })) });
      export async function* lines() { yield 1; }
      const inner = function* () { yield 2; };
    `),
  ).toEqual(['load', 'save', 'find', 'remove', 'put', 'lines']);
});

test('callbacks that an adapter hands to others are not its methods', () => {
  expect(names('export const make = () => new Client({ onError: () => undefined });')).toEqual([]);
  expect(names('export const make = () => guard({ retry: () => true });')).toEqual([]);
});
