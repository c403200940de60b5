import { expect, test } from 'vitest';
import { encodeCbor } from '../../localstack/services/cbor.ts';
import { callsOf, LEADING_KEYS, type SeenRequest } from './calls.ts';

const request = (
  service: string,
  more: Partial<SeenRequest> & { readonly target?: string; readonly input?: unknown },
): SeenRequest => ({
  method: 'POST',
  url: '/',
  body: more.input === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(more.input)),
  status: 200,
  ...more,
  headers: {
    authorization: `AWS4-HMAC-SHA256 Credential=collect/20261124/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    ...(more.target && { 'x-amz-target': more.target }),
    ...more.headers,
  },
});

const asked = (seen: SeenRequest): readonly string[] =>
  callsOf(seen).map(({ caller, action, resource }) => `${caller} ${action} ${resource}`);

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/records';

test('a row is named by its partition key, put, got or queried', () => {
  const keyOf = (operation: string, input: object): unknown => {
    const target = `DynamoDB_20120810.${operation}`;
    const [call] = callsOf(
      request('dynamodb', { target, input: { TableName: 'records', ...input } }),
    );
    return call?.context?.[LEADING_KEYS];
  };
  expect(keyOf('PutItem', { Item: { pk: { S: 't#main#u' } } })).toBe('t#main#u');
  expect(keyOf('GetItem', { Key: { pk: { S: 'key#1' } } })).toBe('key#1');
  const query = {
    KeyConditionExpression: 'pk = :pk AND sk < :from',
    ExpressionAttributeValues: { ':pk': { S: 't#main#v' }, ':from': { S: '9' } },
  };
  expect(keyOf('Query', query)).toBe('t#main#v');
  expect(keyOf('Query', {})).toBe(undefined);
});

test('a batch asks for each of its rows', () => {
  const Keys = ['i#main#a', 'rec#main'].map((pk) => ({ pk: { S: pk }, sk: { S: 'it' } }));
  const input = { RequestItems: { records: { Keys } } };
  const target = 'DynamoDB_20120810.BatchGetItem';
  const rows = callsOf(request('dynamodb', { target, input }));
  expect(rows.map(({ context }) => context?.[LEADING_KEYS])).toEqual(['i#main#a', 'rec#main']);
});

test('a table is named by the input, once or many times', () => {
  const get = { target: 'DynamoDB_20120810.GetItem', input: { TableName: 'records' } };
  expect(asked(request('dynamodb', get))).toEqual([`collect dynamodb:GetItem ${TABLE}`]);
  const batch = {
    target: 'DynamoDB_20120810.BatchGetItem',
    input: { RequestItems: { records: {}, profiles: {} } },
  };
  expect(asked(request('dynamodb', batch))).toHaveLength(2);
  const query = {
    target: 'DynamoDB_20120810.Query',
    input: { TableName: TABLE, IndexName: 'byTime' },
  };
  expect(asked(request('dynamodb', query))).toEqual([
    `collect dynamodb:Query ${TABLE}/index/byTime`,
  ]);
  const all = {
    target: 'DynamoDB_20120810.TransactWriteItems',
    input: {
      TransactItems: [
        { Put: { TableName: 'records' } },
        { ConditionCheck: { TableName: 'records' } },
      ],
    },
  };
  expect(asked(request('dynamodb', all))).toEqual([
    `collect dynamodb:PutItem ${TABLE}`,
    `collect dynamodb:ConditionCheckItem ${TABLE}`,
  ]);
});

test('a stream is named in JSON and in CBOR alike', () => {
  const expected = ['collect kinesis:PutRecords arn:aws:kinesis:us-east-1:000000000000:stream/raw'];
  const json = { target: 'Kinesis_20131202.PutRecords', input: { StreamName: 'raw' } };
  expect(asked(request('kinesis', json))).toEqual(expected);
  const cbor = {
    url: '/service/Kinesis_20131202/operation/PutRecords',
    body: encodeCbor({ StreamName: 'raw' }),
    headers: { 'content-type': 'application/cbor' },
  };
  expect(asked(request('kinesis', cbor))).toEqual(expected);
});

test('a batch of messages is checked as one message is', () => {
  const input = { QueueUrl: 'http://localhost:4566/000000000000/spill' };
  const send = { target: 'AmazonSQS.SendMessageBatch', input };
  expect(asked(request('sqs', send))).toEqual([
    'collect sqs:SendMessage arn:aws:sqs:us-east-1:000000000000:spill',
  ]);
});

test('an object that is not there also asks for the right to list', () => {
  const get = { method: 'GET', url: '/failed/a%20b/c?x-id=GetObject' };
  expect(asked(request('s3', get))).toEqual(['collect s3:GetObject arn:aws:s3:::failed/a b/c']);
  expect(asked(request('s3', { ...get, status: 404 }))).toEqual([
    'collect s3:GetObject arn:aws:s3:::failed/a b/c',
    'collect s3:ListBucket arn:aws:s3:::failed',
  ]);
  const list = { method: 'GET', url: '/failed/?list-type=2&prefix=failed%2Fenrich%2F' };
  expect(callsOf(request('s3', list))).toEqual([
    {
      caller: 'collect',
      action: 's3:ListBucket',
      resource: 'arn:aws:s3:::failed',
      context: { 's3:prefix': 'failed/enrich/' },
    },
  ]);
});

test('an execution is named by its machine, then by itself', () => {
  const machine = 'arn:aws:states:us-east-1:000000000000:stateMachine:nightly';
  const execution = 'arn:aws:states:us-east-1:000000000000:execution:nightly:one';
  expect(
    asked(
      request('states', {
        target: 'AWSStepFunctions.StartExecution',
        input: { stateMachineArn: machine, name: 'one' },
      }),
    ),
  ).toEqual([`collect states:StartExecution ${machine}`]);
  expect(
    asked(
      request('states', {
        target: 'AWSStepFunctions.DescribeExecution',
        input: { executionArn: execution },
      }),
    ),
  ).toEqual([`collect states:DescribeExecution ${execution}`]);
});

test('rows of a query are those of the workgroup, and metrics are of nothing', () => {
  const target = 'AmazonAthena.GetQueryResults';
  expect(asked(request('athena', { target, input: { QueryExecutionId: 'q' } }))).toEqual([
    'collect athena:GetQueryResults arn:aws:athena:us-east-1:000000000000:workgroup/tributary-dev',
  ]);
  const url = '/service/GraniteServiceVersion20100801/operation/GetMetricData';
  expect(asked(request('monitoring', { url, input: {} }))).toEqual([
    'collect cloudwatch:GetMetricData *',
  ]);
});

test('what is not understood is refused, so that no call goes unseen', () => {
  expect(() => callsOf(request('events', { target: 'AWSEvents.PutEvents' }))).toThrow(
    /of events is not known here/,
  );
  expect(() =>
    callsOf(request('states', { target: 'AWSStepFunctions.ListExecutions', input: {} })),
  ).toThrow(/names no execution/);
  expect(() => callsOf(request('s3', { method: 'GET', url: '/failed/key?acl' }))).toThrow(
    /of S3 is not known here/,
  );
  expect(() =>
    callsOf(request('dynamodb', { target: 'DynamoDB_20120810.GetItem', input: {} })),
  ).toThrow(/names no TableName/);
  expect(() => callsOf({ ...request('s3', {}), headers: {} })).toThrow(/is not signed/);
});
