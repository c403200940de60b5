/** The calls about items: dynalite's, with the old item of a failed condition and injected throttling. */
import { AwsFault, type Input, type Operation } from '../aws-json.ts';
import type { DynaliteOperation } from './dynalite.ts';
import type { Engine } from './engine.ts';
import { FAULTS, invalid } from './table-operations.ts';

const throttlingFault = (): AwsFault =>
  new AwsFault(
    `${FAULTS}ProvisionedThroughputExceededException`,
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  );

const single =
  (engine: Engine, operation: DynaliteOperation): Operation =>
  async (input) => {
    if (engine.options.throttled?.({ operation, table: String(input.TableName) }) === true) {
      throw throttlingFault();
    }
    return engine.perform(operation, input);
  };

const conditional = (engine: Engine, operation: DynaliteOperation): Operation => {
  const act = single(engine, operation);
  return (input) => {
    const onFailure = input.ReturnValuesOnConditionCheckFailure ?? 'NONE';
    if (onFailure !== 'NONE' && onFailure !== 'ALL_OLD') {
      throw invalid(
        `1 validation error detected: Value '${String(onFailure)}' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, NONE]`,
      );
    }
    return act(input);
  };
};

type Requests = Readonly<Record<string, readonly unknown[]>>;

interface Split {
  readonly passed: Readonly<Record<string, unknown>>;
  readonly refused: Readonly<Record<string, unknown>>;
}

/** A batch's items one by one: each passes or is refused, as partitions run out of capacity. */
const split = (
  engine: Engine,
  operation: string,
  requests: Requests,
  rebuild: (table: string, entries: readonly unknown[]) => unknown,
): Split => {
  const passed: Record<string, unknown> = {};
  const refused: Record<string, unknown> = {};
  for (const [table, entries] of Object.entries(requests)) {
    const isRefused = entries.map(() => engine.options.throttled?.({ operation, table }) === true);
    const kept = entries.filter((_, index) => isRefused[index] !== true);
    const left = entries.filter((_, index) => isRefused[index] === true);
    if (kept.length > 0) passed[table] = rebuild(table, kept);
    if (left.length > 0) refused[table] = rebuild(table, left);
  }
  return { passed, refused };
};

const batchWrite = async (engine: Engine, input: Input): Promise<object> => {
  const requests = input.RequestItems as Requests | undefined;
  if (engine.options.throttled === undefined || requests === undefined) {
    return engine.perform('BatchWriteItem', input);
  }
  const { passed, refused } = split(engine, 'BatchWriteItem', requests, (_, entries) => entries);
  if (Object.keys(passed).length === 0) throw throttlingFault();
  const answer = await engine.perform('BatchWriteItem', { ...input, RequestItems: passed });
  return { ...answer, UnprocessedItems: refused };
};

const batchGet = async (engine: Engine, input: Input): Promise<object> => {
  const tables = input.RequestItems as
    | Readonly<Record<string, { readonly Keys: readonly unknown[] }>>
    | undefined;
  if (engine.options.throttled === undefined || tables === undefined) {
    return engine.perform('BatchGetItem', input);
  }
  const keys = Object.fromEntries(Object.entries(tables).map(([table, { Keys }]) => [table, Keys]));
  const { passed, refused } = split(engine, 'BatchGetItem', keys, (table, Keys) => ({
    ...tables[table],
    Keys,
  }));
  if (Object.keys(passed).length === 0) throw throttlingFault();
  const answer = await engine.perform('BatchGetItem', { ...input, RequestItems: passed });
  return { ...answer, UnprocessedKeys: refused };
};

export const itemOperations = (engine: Engine): Readonly<Record<string, Operation>> => ({
  GetItem: single(engine, 'GetItem'),
  PutItem: conditional(engine, 'PutItem'),
  UpdateItem: conditional(engine, 'UpdateItem'),
  DeleteItem: conditional(engine, 'DeleteItem'),
  Query: single(engine, 'Query'),
  Scan: single(engine, 'Scan'),
  BatchGetItem: (input) => batchGet(engine, input),
  BatchWriteItem: (input) => batchWrite(engine, input),
});
