/**
 * JSONPath as far as machines here need it: `$.a.b`, `$['a']`, `$.list[0]`, `$.list[*].a`, and the
 * same from `$$`, the context. A filter, a slice or a search is refused when the machine is made.
 */
import {
  isList,
  isObject,
  type Json,
  type JsonObject,
  RefusedDefinition,
  StatesError,
} from './json.ts';

type PathStep = string | number | typeof EACH;
const EACH = Symbol('each');

export interface Path {
  readonly text: string;
  readonly ofContext: boolean;
  readonly steps: readonly PathStep[];
}

/** What `$` and `$$` stand for. */
export interface Scope {
  readonly input: Json;
  readonly context: Json;
}

const STEP = /\.([^\s.[\]'"()?@*,:]+)|\[(?:'([^']+)'|"([^"]+)"|(\d+)|(\*))\]|(\.\*)/y;

/** The path that begins at a place in a text, and where it ends. */
export const scanPath = (text: string, from: number): readonly [path: Path, end: number] => {
  const ofContext = text.startsWith('$$', from);
  let end = from + (ofContext ? 2 : 1);
  const steps: PathStep[] = [];
  for (;;) {
    STEP.lastIndex = end;
    const [whole, dotted, quoted, doubleQuoted, index] = STEP.exec(text) ?? [];
    if (whole === undefined) break;
    const name = dotted ?? quoted ?? doubleQuoted;
    steps.push(name ?? (index === undefined ? EACH : Number(index)));
    end += whole.length;
  }
  return [{ text: text.slice(from, end), ofContext, steps }, end];
};

const parsed = new Map<string, Path>();
const PARSED_MAX = 10_000;

export const parsePath = (text: string): Path => {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const [path, end] = text.startsWith('$') ? scanPath(text, 0) : [undefined, -1];
  if (path === undefined || end !== text.length) {
    throw new RefusedDefinition(`the local cloud does not read the path ${text}`);
  }
  if (parsed.size < PARSED_MAX) parsed.set(text, path);
  return path;
};

const own = (value: Json | undefined, step: string | number): Json | undefined => {
  if (typeof step === 'number') return isList(value) ? value[step] : undefined;
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
};

/** With a `*` a list of what there is; else one value, or nothing. */
export const readPath = (text: string, scope: Scope): Json | undefined => {
  const { ofContext, steps } = parsePath(text);
  let found: readonly (Json | undefined)[] = [ofContext ? scope.context : scope.input];
  for (const step of steps) {
    if (step !== EACH) found = found.map((value) => own(value, step));
    else
      found = found.flatMap((value) =>
        isObject(value) ? Object.values(value) : isList(value) ? value : [],
      );
  }
  if (!steps.includes(EACH)) return found[0];
  return found.filter((value): value is Json => value !== undefined);
};

/** A copy of `into` in which the path leads to the value. */
export const writePath = (text: string, into: Json, value: Json): Json => {
  const put = (at: Json | undefined, steps: readonly PathStep[]): Json => {
    const [step, ...rest] = steps;
    if (step === undefined) return value;
    if (isList(at) && typeof step === 'number' && step < at.length) {
      return at.map((one, index) => (index === step ? put(one, rest) : one));
    }
    if ((at !== undefined && !isObject(at)) || typeof step !== 'string') {
      const cause = `Unable to apply step "${String(step)}" of path "${text}" to the input`;
      throw new StatesError('States.ResultPathMatchFailure', cause);
    }
    const members: JsonObject = at ?? {};
    return { ...members, [step]: put(own(members, step), rest) };
  };
  return put(into, parsePath(text).steps);
};

/** Where a value may be written: one place, in the input. */
export const isReferencePath = (text: string): boolean => {
  const { ofContext, steps } = parsePath(text);
  return !ofContext && !steps.includes(EACH);
};
