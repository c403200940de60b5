/** What flows through a machine, and the error that it ends with. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

export type JsonObject = { readonly [name: string]: Json };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** An error by which a state, or the whole machine, ends: `{Error, Cause}` in a catcher's input. */
export class StatesError extends Error {
  readonly error: string;

  constructor(error: string, cause: string) {
    super(cause);
    this.error = error;
  }
}

export const runtimeError = (cause: string): StatesError =>
  new StatesError('States.Runtime', cause);

/** What a definition may not say on a laptop: refused before anything runs. */
export class RefusedDefinition extends Error {}

export const sameJson = (left: Json, right: Json): boolean => {
  if (isList(left) && isList(right)) {
    return (
      left.length === right.length && left.every((one, at) => sameJson(one, right[at] ?? null))
    );
  }
  if (!isObject(left) || !isObject(right)) return left === right;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => {
      const [one, other] = [left[name], right[name]];
      return one !== undefined && other !== undefined && sameJson(one, other);
    })
  );
};
