import type { Json, JsonObject } from '../event/event.ts';

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The text at `first.second`, or at `first` itself where a client sent a plain text there. */
export const textAt = (object: JsonObject, first: string, second: string): string | undefined => {
  const outer = own(object, first);
  const value = isObject(outer) ? own(outer, second) : outer;
  return typeof value === 'string' ? value : undefined;
};

/** A member of the object's own: `constructor` in an event is data, not a function. */
export const own = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;
