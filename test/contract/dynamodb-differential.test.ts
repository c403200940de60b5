import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDynamo, type Dynamo } from '../../localstack/services/dynamodb/create-dynamo.ts';
import { type Answer, type Served, serve, temporaryFolder } from '../support/served.ts';

const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;

let folder: ReturnType<typeof temporaryFolder>;
let ours: Dynamo;
let served: Served;
let theirs: Server;
let urls: readonly string[];
let tables = 0;

/** dynalite wants a signature, though it checks none. */
const HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20261124T120000Z',
  authorization:
    'AWS4-HMAC-SHA256 Credential=a/20261124/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=b',
};

const call = async (url: string, operation: string, input: object): Promise<Answer> => {
  const headers = { ...HEADERS, 'x-amz-target': `DynamoDB_20120810.${operation}` };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
};

const both = async (operation: string, input: object): Promise<Answer> => {
  const [mine, their] = await Promise.all(urls.map((url) => call(url, operation, input)));
  expect(mine, `${operation} ${JSON.stringify(input)}`).toEqual(their);
  if (mine === undefined) throw new Error('no answer');
  return mine;
};

beforeAll(async () => {
  folder = temporaryFolder();
  ours = await createDynamo({ dataDir: folder.path, clock: { now: Date.now }, upkeepEveryMs: 0 });
  served = await serve(ours.handle);
  theirs = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => theirs.listen(0, '127.0.0.1', resolve));
  urls = [served.url, `http://127.0.0.1:${(theirs.address() as AddressInfo).port}`];
});

afterAll(async () => {
  theirs.closeAllConnections();
  await new Promise((resolve) => theirs.close(resolve));
  await served.close();
  await ours.close();
  folder.remove();
});

const newTable = async (): Promise<string> => {
  tables += 1;
  const TableName = `table-${tables}`;
  const input = {
    TableName,
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['pk', 'sk', 'g'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byG',
        KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  };
  for (const url of urls) {
    await call(url, 'CreateTable', input);
    await expect
      .poll(async () => (await call(url, 'DescribeTable', { TableName })).body)
      .toMatchObject({ Table: { TableStatus: 'ACTIVE' } });
  }
  return TableName;
};

const letter = fc.constantFrom('a', 'b', 'c');
const key = fc
  .record({ pk: letter, sk: letter })
  .map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }));
const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((n) => ({ N: String(n) })),
  letter.map((text) => ({ S: text })),
  fc.uniqueArray(letter, { minLength: 1 }).map((texts) => ({ SS: texts })),
  fc.boolean().map((flag) => ({ BOOL: flag })),
);
const optional = <T>(arbitrary: fc.Arbitrary<T>, name: string) =>
  fc.option(arbitrary, { nil: undefined }).map((one) => (one === undefined ? {} : { [name]: one }));
const item = fc
  .tuple(
    key,
    optional(value, 'n'),
    optional(
      letter.map((text) => ({ S: text })),
      'g',
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as object);
const conditionTexts = [
  'attribute_not_exists(pk)',
  'attribute_exists(n) AND n >= :v',
  'n = :v OR attribute_not_exists(n)',
  'NOT (n <> :v)',
  'begins_with(g, :v)',
  'n BETWEEN :v AND :v',
  'contains(n, :v)',
  'nonsense(',
];
const condition = fc.option(
  fc.record({
    ConditionExpression: fc.constantFrom(...conditionTexts),
    ExpressionAttributeValues: value.map((one) => ({ ':v': one })),
  }),
  { nil: {} },
);
const updates = [
  'SET n = :v',
  'ADD n :v',
  'REMOVE n',
  'SET g = :v',
  'DELETE n :v',
  'SET n = if_not_exists(n, :v)',
];

const operation = fc.oneof(
  fc.tuple(
    fc.constant('PutItem'),
    fc.record({ Item: item, ReturnValues: fc.constantFrom('NONE', 'ALL_OLD') }),
    condition,
  ),
  fc.tuple(
    fc.constant('UpdateItem'),
    fc.record({
      Key: key,
      UpdateExpression: fc.constantFrom(...updates),
      ExpressionAttributeValues: value.map((one) => ({ ':v': one })),
      ReturnValues: fc.constantFrom('ALL_NEW', 'ALL_OLD', 'UPDATED_NEW', 'UPDATED_OLD'),
    }),
    fc.constant({}),
  ),
  fc.tuple(
    fc.constant('DeleteItem'),
    fc.record({ Key: key, ReturnValues: fc.constantFrom('NONE', 'ALL_OLD') }),
    condition,
  ),
  fc.tuple(fc.constant('GetItem'), fc.record({ Key: key }), fc.constant({})),
);

/** Every page of a read, so that the pages themselves are compared. */
const readPages = async (operationName: string, input: object): Promise<void> => {
  for (let ExclusiveStartKey: unknown; ; ) {
    const page = await both(operationName, {
      ...input,
      Limit: 2,
      ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}),
    });
    ExclusiveStartKey = page.body.LastEvaluatedKey;
    if (ExclusiveStartKey === undefined) return;
  }
};

test('random writes, conditions, reads, pages and index reads answer as unmodified dynalite does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 25 }), async (operations) => {
      const TableName = await newTable();
      for (const [name, input, more] of operations)
        await both(name, { TableName, ...input, ...more });
      await readPages('Scan', { TableName });
      for (const ScanIndexForward of [true, false]) {
        await readPages('Query', {
          TableName,
          ScanIndexForward,
          KeyConditionExpression: 'pk = :pk AND sk >= :sk',
          ExpressionAttributeValues: { ':pk': { S: 'a' }, ':sk': { S: 'b' } },
        });
      }
      await readPages('Query', {
        TableName,
        IndexName: 'byG',
        KeyConditionExpression: 'g = :g',
        ExpressionAttributeValues: { ':g': { S: 'a' } },
      });
    }),
    { numRuns: 25 },
  );
}, 60_000);
