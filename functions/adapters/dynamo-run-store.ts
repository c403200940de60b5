import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { RunName } from '../core/nightly/tasks.ts';
import type { RunChange, RunStore } from '../ports/run-store.ts';
import {
  changeToItem,
  flightToItem,
  itemToFlight,
  itemToLoaded,
  itemToRun,
  loadedToItem,
  runToItem,
} from './run-items.ts';

type Attributes = Record<string, AttributeValue>;

interface Condition {
  readonly expression: string;
  readonly values?: Attributes;
}

const one = (name: string): Attributes => ({ pk: { S: `run#${name}` }, sk: { S: 'run' } });
const [CURRENT, LOADED, PLANNED] = [one('current'), one('loaded'), one('planned')];
/** One partition for all of them, so that they can be listed; they are a few a day. */
const RUNS = 'run#all';
const rowOf = (runId: string): Attributes => ({ pk: { S: RUNS }, sk: { S: runId } });

const sameRun = ({ runId, attempt }: RunName): Required<Condition> => ({
  expression: 'runId = :run AND attempt = :attempt',
  values: { ':run': { S: runId }, ':attempt': { N: String(attempt) } },
});

const unlessRefused = async (send: Promise<unknown>): Promise<boolean> => {
  try {
    await send;
    return true;
  } catch (fault) {
    if (fault instanceof ConditionalCheckFailedException) return false;
    throw fault;
  }
};

/** Rows `run#…` of the table `records`. */
export const dynamoRunStore = (client: DynamoDBClient, table: string): RunStore => {
  const get = async (Key: Attributes): Promise<Attributes | undefined> => {
    const asked = new GetItemCommand({ TableName: table, Key, ConsistentRead: true });
    return (await client.send(asked)).Item;
  };
  const put = (item: Attributes, { expression, values }: Condition): Promise<boolean> =>
    unlessRefused(
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ConditionExpression: expression,
          ...(values && { ExpressionAttributeValues: values }),
        }),
      ),
    );

  const change = (run: RunName, changed: RunChange): Promise<boolean> => {
    const { assignments, names, values } = changeToItem(changed);
    const { expression, values: same } = sameRun(run);
    return unlessRefused(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: rowOf(run.runId),
          UpdateExpression: `SET ${assignments}`,
          ConditionExpression: `${expression} AND #status = :running`,
          ExpressionAttributeNames: { ...names, '#status': 'status' },
          ExpressionAttributeValues: { ...values, ...same, ':running': { S: 'running' } },
        }),
      ),
    );
  };

  return {
    flight: async () => itemToFlight(await get(CURRENT)),
    takeFlight: async (flight, over) => {
      const free = { expression: 'attribute_not_exists(pk)' };
      const condition = over === undefined ? free : sameRun(over);
      const taken = await put({ ...CURRENT, ...flightToItem(flight) }, condition);
      return taken ? 'taken' : 'lost';
    },
    giveBack: async (run) => {
      const { expression, values } = sameRun(run);
      await unlessRefused(
        client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: CURRENT,
            ConditionExpression: expression,
            ExpressionAttributeValues: values,
          }),
        ),
      );
    },
    begin: async (run) => {
      await put(
        { ...rowOf(run.runId), ...runToItem(run) },
        {
          expression: 'attribute_not_exists(pk) OR attempt < :attempt',
          values: { ':attempt': { N: String(run.attempt) } },
        },
      );
    },
    find: async (runId) => itemToRun(await get(rowOf(runId))),
    change: async (run, changed) => {
      await change(run, changed);
    },
    latest: async (runsMax) => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :runs',
          ExpressionAttributeValues: { ':runs': { S: RUNS } },
          ScanIndexForward: false,
          ConsistentRead: true,
          Limit: runsMax,
        }),
      );
      return Items.flatMap((item) => itemToRun(item) ?? []);
    },
    loaded: async () => itemToLoaded(await get(LOADED)),
    saveLoaded: async (loaded) => {
      const saved = await put(
        { ...LOADED, ...loadedToItem(loaded) },
        {
          expression: 'attribute_not_exists(pk) OR runId <= :run',
          values: { ':run': { S: loaded.runId } },
        },
      );
      return saved ? 'saved' : 'newer';
    },
    plannedCut: async () => (await get(PLANNED))?.cut?.S,
    savePlannedCut: async (cut) => {
      await put(
        { ...PLANNED, cut: { S: cut } },
        {
          expression: 'attribute_not_exists(pk) OR cut < :cut',
          values: { ':cut': { S: cut } },
        },
      );
    },
  };
};
