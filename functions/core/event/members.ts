import type { Json, JsonObject } from './event.ts';

/** A JSON object whose members are taken one by one; what is left over at the end is kept as extras. */
export interface Members {
  /** The first of these members that is there, is not null and is wanted; it is taken out. */
  readonly take: <T extends Json = Json>(
    names: readonly string[],
    wanted?: (value: Json) => value is T,
  ) => T | undefined;
  /** As `take`, but leaves the member where it is. */
  readonly peek: (names: readonly string[]) => Json | undefined;
  readonly hasAny: (names: ReadonlySet<string>) => boolean;
  readonly rest: () => JsonObject;
}

export const isText = (value: Json): value is string => typeof value === 'string';
export const isTextOrNumber = (value: Json): value is string | number =>
  typeof value === 'string' || typeof value === 'number';
export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const anything = <T extends Json>(_value: Json): _value is T => true;

/**
 * Works on entries and `Object.fromEntries`, which define members and never assign them: a member
 * called `__proto__` stays a member.
 */
export const membersOf = (source: JsonObject): Members => {
  const names = Object.keys(source);
  const left = new Map<string, Json>();
  for (const name of names) left.set(name, source[name] as Json);
  return {
    take: <T extends Json = Json>(
      sought: readonly string[],
      wanted: (value: Json) => value is T = anything<T>,
    ): T | undefined => {
      for (const name of sought) {
        const value = left.get(name);
        if (value === undefined || value === null || !wanted(value)) continue;
        left.delete(name);
        return value;
      }
      return undefined;
    },
    peek: (sought) => {
      for (const name of sought) {
        const value = left.get(name);
        if (value !== undefined && value !== null) return value;
      }
      return undefined;
    },
    hasAny: (wanted) => {
      for (const name of left.keys()) if (wanted.has(name)) return true;
      return false;
    },
    rest: () => (left.size === names.length ? source : Object.fromEntries(left)),
  };
};

/** A member of the object's own; what it inherits is no data. */
export const own = (source: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(source, name) ? source[name] : undefined;

/** The object with the member, unless it has one of that name: then undefined. */
export const withMember = (
  source: JsonObject,
  name: string,
  value: Json,
): JsonObject | undefined =>
  (own(source, name) ?? null) === null ? { ...source, [name]: value } : undefined;
