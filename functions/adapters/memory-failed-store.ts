import { sentKeyOf } from '../core/failed/failed-keys.ts';
import { outcomeObject } from '../core/failed/outcome.ts';
import type { FailedArchive } from '../ports/failed-archive.ts';
import type { FailedStore, RedriveOutcomes } from '../ports/failed-store.ts';
import { failedObjects } from './failed-object.ts';

/** The failed store in memory, with the objects that S3 would hold. */
export const memoryFailedStore = (
  today = '1970-01-01',
  objects = new Map<string, string>(),
): FailedStore & RedriveOutcomes & { readonly objects: ReadonlyMap<string, string> } => ({
  objects,
  park: async (events) => {
    for (const { key, body } of failedObjects(events, today)) objects.set(key, body);
  },
  tell: async (outcomes) => {
    for (const { key, body } of outcomes.map(outcomeObject)) objects.set(key, body);
  },
});

/** Over the objects of such a store. */
export const memoryFailedArchive = (
  objects: Map<string, string>,
  bytesMax = Number.POSITIVE_INFINITY,
): FailedArchive => ({
  list: async ({ prefix, after = '', keysMax }) => {
    const keys = [...objects.keys()]
      .filter((key) => key.startsWith(prefix) && key > after)
      .sort((left, right) => (left < right ? -1 : 1));
    return {
      keys: keys
        .slice(0, keysMax)
        .map((key) => ({ key, bytes: Buffer.byteLength(objects.get(key) ?? '') })),
      more: keys.length > keysMax,
    };
  },
  read: async (key) => {
    const text = objects.get(key);
    if (text === undefined) return { kind: 'missing' };
    const bytes = Buffer.byteLength(text);
    return bytes > bytesMax ? { kind: 'too_large', bytes } : { kind: 'text', text };
  },
  noteSent: async (key, note) => {
    objects.set(sentKeyOf(key), note);
  },
});
