import type { FailedStore } from '../ports/failed-store.ts';
import { failedObjects } from './failed-object.ts';

/** The failed store in memory, with the objects that S3 would hold. */
export const memoryFailedStore = (
  today = '1970-01-01',
): FailedStore & { readonly objects: ReadonlyMap<string, string> } => {
  const objects = new Map<string, string>();
  return {
    objects,
    park: (events) => {
      for (const { key, body } of failedObjects(events, today)) objects.set(key, body);
      return Promise.resolve();
    },
  };
};
