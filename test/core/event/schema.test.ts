import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventSchema } from '../../../functions/collect/pages.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly [word: string]: unknown;
}

/** As it was published; only ever added to, by hand, together with a new member. */
const published = JSON.parse(
  readFileSync(join(import.meta.dirname, 'event-schema-1.json'), 'utf8'),
) as Schema;

/** What a reader or an event of the published schema would trip over in the other one. */
const breaks = (before: Schema, after: Schema, path = ''): readonly string[] => {
  const found: string[] = [];
  for (const [word, value] of Object.entries(before)) {
    if (['properties', 'items', 'description', '$id', '$schema', 'required'].includes(word))
      continue;
    if (JSON.stringify(value) !== JSON.stringify(after[word])) found.push(`${path}: ${word}`);
  }
  const [was, is] = [new Set(before.required), new Set(after.required)];
  for (const name of was)
    if (!is.has(name)) found.push(`${path}.${name}: no longer there for sure`);
  for (const name of is) if (!was.has(name)) found.push(`${path}.${name}: old events lack it`);
  for (const [name, member] of Object.entries(before.properties ?? {})) {
    const now = after.properties?.[name];
    found.push(
      ...(now === undefined ? [`${path}.${name}: gone`] : breaks(member, now, `${path}.${name}`)),
    );
  }
  if (before.items !== undefined)
    found.push(...breaks(before.items, after.items ?? {}, `${path}[]`));
  return found;
};

const now = JSON.parse(JSON.stringify(eventSchema())) as Schema;

test('what the published schema promised still holds', () => {
  expect(breaks(published, now)).toEqual([]);
});

test('the published copy knows every member, so that the next change is held to it', () => {
  expect(breaks(now, published)).toEqual([]);
});

test('the comparison sees a member that went, came as required, or changed its type', () => {
  const { userId: _, ...others } = published.properties ?? {};
  expect(breaks(published, { ...published, properties: others })).toEqual(['.userId: gone']);
  expect(
    breaks(published, { ...published, required: [...(published.required ?? []), 'userId'] }),
  ).toEqual(['.userId: old events lack it']);
  expect(
    breaks(published, {
      ...published,
      properties: { ...published.properties, tenant: { type: 'number' } },
    }),
  ).toContain('.tenant: type');
});
