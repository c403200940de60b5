/**
 * A machine as its definition says it, in JSONPath. What we do not run is refused here with a
 * sentence, so that no execution meets it half-way: JSONata, variables, distributed maps, callbacks.
 */
import { checkRule } from './choice.ts';
import { isList, isObject, type Json, type JsonObject, RefusedDefinition } from './json.ts';
import { isReferencePath, parsePath } from './path.ts';
import { checkTemplate } from './template.ts';

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxAttempts?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string | null;
}

/** One state; which members it may have depends on its type, and is checked. */
export interface State {
  readonly Type: StateType;
  readonly Next?: string;
  readonly End?: boolean;
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
  readonly ResultPath?: string | null;
  readonly Parameters?: Json;
  readonly ResultSelector?: Json;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly Result?: Json;
  readonly Choices?: readonly JsonObject[];
  readonly Default?: string;
  readonly Seconds?: number;
  readonly SecondsPath?: string;
  readonly Timestamp?: string;
  readonly TimestampPath?: string;
  readonly Error?: string;
  readonly ErrorPath?: string;
  readonly Cause?: string;
  readonly CausePath?: string;
  readonly Branches?: readonly Flow[];
  readonly ItemProcessor?: Flow;
  readonly Iterator?: Flow;
  readonly ItemsPath?: string;
  readonly ItemSelector?: Json;
  readonly MaxConcurrency?: number;
  readonly MaxConcurrencyPath?: string;
}

/** The states of a machine, of a branch or of an iteration. */
export interface Flow {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Machine extends Flow {
  readonly TimeoutSeconds?: number;
}

const GOES_ON = ['Next', 'End', 'InputPath', 'OutputPath'] as const;
const HAS_RESULT = ['ResultPath', 'Parameters'] as const;
const MAY_FAIL = ['ResultSelector', 'Retry', 'Catch'] as const;

const MEMBERS = {
  Choice: ['InputPath', 'OutputPath', 'Choices', 'Default'],
  Fail: ['Error', 'ErrorPath', 'Cause', 'CausePath'],
  Map: [
    ...[...GOES_ON, ...HAS_RESULT, ...MAY_FAIL],
    ...['ItemProcessor', 'Iterator', 'ItemsPath', 'ItemSelector'],
    ...['MaxConcurrency', 'MaxConcurrencyPath'],
  ],
  Parallel: [...GOES_ON, ...HAS_RESULT, ...MAY_FAIL, 'Branches'],
  Pass: [...GOES_ON, ...HAS_RESULT, 'Result'],
  Succeed: ['InputPath', 'OutputPath'],
  Task: [
    ...[...GOES_ON, ...HAS_RESULT, ...MAY_FAIL],
    ...['Resource', 'TimeoutSeconds', 'TimeoutSecondsPath'],
  ],
  Wait: [...GOES_ON, 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type StateType = keyof typeof MEMBERS;

const ENDS_BY_ITSELF: readonly string[] = ['Choice', 'Fail', 'Succeed'];

const refusal = (where: string, why: string): RefusedDefinition =>
  new RefusedDefinition(`${where}: ${why}`);

const isType = (value: unknown): value is StateType =>
  typeof value === 'string' && Object.hasOwn(MEMBERS, value);

const textsIn = (state: JsonObject, ending: string): readonly string[] =>
  Object.entries(state).flatMap(([name, value]) =>
    name.endsWith(ending) && typeof value === 'string' ? [value] : [],
  );

/** Every name of a state that another one leads to. */
const targetsOf = ({ Next, Default, Choices = [], Catch = [] }: State): readonly string[] =>
  [Next, Default, ...Choices.map((rule) => rule.Next), ...Catch.map((one) => one.Next)].filter(
    (name): name is string => typeof name === 'string',
  );

const checkWays = (state: State, where: string, flow: Flow): void => {
  for (const name of targetsOf(state)) {
    if (!Object.hasOwn(flow.States, name)) throw refusal(where, `there is no state ${name}`);
  }
  const hasOneWay = (state.End === true) !== (state.Next !== undefined);
  if (!hasOneWay && !ENDS_BY_ITSELF.includes(state.Type)) {
    throw refusal(where, 'it needs either Next or End');
  }
  if (state.Type === 'Choice' && (state.Choices ?? []).length === 0)
    throw refusal(where, 'no choices');
};

const checkTexts = (state: State & JsonObject): void => {
  for (const path of textsIn(state, 'Path')) parsePath(path);
  for (const { ResultPath } of [state, ...(state.Catch ?? [])]) {
    if (typeof ResultPath === 'string' && !isReferencePath(ResultPath)) {
      throw new RefusedDefinition(`ResultPath ${ResultPath} is not one place in the input`);
    }
  }
  for (const template of [state.Parameters, state.ResultSelector, state.ItemSelector]) {
    checkTemplate(template);
  }
  for (const rule of state.Choices ?? []) checkRule(rule);
};

const checkMembers = (state: JsonObject, where: string): void => {
  if (!isType(state.Type))
    throw refusal(where, `the local cloud has no state of type ${state.Type}`);
  const allowed: readonly string[] = ['Type', 'Comment', 'QueryLanguage', ...MEMBERS[state.Type]];
  for (const name of Object.keys(state)) {
    if (!allowed.includes(name)) throw refusal(where, `the local cloud does not run ${name}`);
  }
};

const checkLanguage = (at: JsonObject, where: string): void => {
  if ((at.QueryLanguage ?? 'JSONPath') !== 'JSONPath') {
    throw refusal(where, `the local cloud runs JSONPath, not ${String(at.QueryLanguage)}`);
  }
};

const childrenOf = (state: JsonObject): readonly Json[] =>
  [state.ItemProcessor, state.Iterator, ...(isList(state.Branches) ? state.Branches : [])].filter(
    (flow): flow is Json => flow !== undefined,
  );

type IsKnown = (resource: string) => boolean;

const checkState = (state: Json, where: string, flow: Flow, isKnown: IsKnown): void => {
  if (!isObject(state)) throw refusal(where, 'it is not an object');
  checkLanguage(state, where);
  checkMembers(state, where);
  // Its members are those of its type; what they hold is checked from here on.
  const checked = state as unknown as State & JsonObject;
  try {
    checkTexts(checked);
  } catch (cause) {
    if (cause instanceof RefusedDefinition) throw refusal(where, cause.message);
    throw cause;
  }
  checkWays(checked, where, flow);
  if (checked.Type === 'Task' && !isKnown(checked.Resource ?? 'nothing')) {
    throw refusal(where, `the local cloud has no integration ${checked.Resource}`);
  }
  for (const child of childrenOf(state)) checkFlow(child, where, isKnown);
};

const FLOW_MEMBERS: readonly string[] = [
  ...['StartAt', 'States', 'Comment', 'QueryLanguage'],
  ...['Version', 'TimeoutSeconds', 'ProcessorConfig'],
];

const checkFlow = (flow: Json, where: string, isKnown: IsKnown): void => {
  if (!isObject(flow) || !isObject(flow.States)) throw refusal(where, 'it has no States');
  checkLanguage(flow, where);
  for (const name of Object.keys(flow)) {
    if (!FLOW_MEMBERS.includes(name)) throw refusal(where, `the local cloud does not run ${name}`);
  }
  const { ProcessorConfig: config } = flow;
  if (isObject(config) && (config.Mode ?? 'INLINE') !== 'INLINE') {
    throw refusal(where, 'the local cloud runs inline maps, not distributed ones');
  }
  const checked = flow as unknown as Flow;
  if (!Object.hasOwn(flow.States, checked.StartAt))
    throw refusal(where, `no state ${checked.StartAt}`);
  for (const [name, state] of Object.entries(flow.States)) {
    checkState(state, `${where}.${name}`, checked, isKnown);
  }
};

/** The machine of a definition; `isKnown` says which resources a Task may name. */
export const parseMachine = (text: string, isKnown: IsKnown): Machine => {
  let definition: Json;
  try {
    definition = JSON.parse(text) as Json;
  } catch (cause) {
    throw new RefusedDefinition(`the definition is not JSON: ${String(cause)}`);
  }
  checkFlow(definition, 'the machine', isKnown);
  return definition as unknown as Machine;
};
