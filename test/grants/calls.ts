/**
 * What a request of an SDK asks for, in IAM's words: actions, and the resources they are checked
 * on. A request that is not understood is refused, so that no call goes unseen.
 */
import { decodeCbor } from '../../localstack/services/cbor.ts';
import { isRecord } from '../../localstack/template/json.ts';
import { ACCOUNT, REGION } from '../../localstack/template/pseudo.ts';
import type { Call } from './policy.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  readonly status: number;
}

export interface Recorded extends Call {
  /** The access key id that signed: the function's name. */
  readonly caller: string;
}

/** What conditions call the partition key. */
export const LEADING_KEYS = 'dynamodb:LeadingKeys';

type Input = Readonly<Record<string, unknown>>;

const arn = (service: string, resource: string): string =>
  resource.startsWith('arn:') ? resource : `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

const textOf = (input: Input, member: string): string => {
  const value = input[member];
  if (typeof value === 'string') return value;
  throw new Error(`the request names no ${member}`);
};

const tableArn = (name: string): string =>
  name.startsWith('arn:') ? name : arn('dynamodb', `table/${name}`);

/** A transaction is checked as the writes and reads that it is made of. */
const inTransaction = (input: Input): readonly Call[] =>
  [input.TransactItems].flat().flatMap((item) =>
    Object.entries(Object(item)).map(([kind, part]) => ({
      action: `dynamodb:${kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`}`,
      resource: tableArn(textOf(Object(part), 'TableName')),
    })),
  );

/** The partition key of the one row, or the rows of one key, that an operation is about. */
const leadingKey = ({ Item, Key, ExpressionAttributeValues, KeyConditionExpression }: Input) => {
  const name = /^pk = (:\w+)/.exec(String(KeyConditionExpression ?? ''))?.[1];
  const queried = name === undefined ? undefined : Object(ExpressionAttributeValues)[name]?.S;
  const key = Object(Item ?? Key).pk?.S ?? queried;
  return key === undefined ? {} : { context: { [LEADING_KEYS]: String(key) } };
};

/** Each row of a batch must be allowed; a batch of writes is not looked into. */
const batchKeys = (part: unknown) => {
  const keys: readonly unknown[] = Object(part).Keys ?? [];
  return keys.length === 0 ? [{}] : keys.map((key) => leadingKey({ Key: key }));
};

const dynamodbCalls = (operation: string, input: Input): readonly Call[] => {
  if (operation.startsWith('Transact')) return inTransaction(input);
  const action = `dynamodb:${operation}`;
  if (isRecord(input.RequestItems)) {
    return Object.entries(input.RequestItems).flatMap(([name, part]) =>
      batchKeys(part).map((context) => ({ action, resource: tableArn(name), ...context })),
    );
  }
  const table = tableArn(textOf(input, 'TableName'));
  const index = typeof input.IndexName === 'string' ? `/index/${input.IndexName}` : '';
  return [{ action, resource: table + index, ...leadingKey(input) }];
};

const kinesisCalls = (operation: string, input: Input): readonly Call[] => {
  const named = input.StreamARN ?? `stream/${textOf(input, 'StreamName')}`;
  return [{ action: `kinesis:${operation}`, resource: arn('kinesis', String(named)) }];
};

const sqsCalls = (operation: string, input: Input): readonly Call[] => {
  const queue = new URL(textOf(input, 'QueueUrl')).pathname.split('/').at(-1) ?? '';
  return [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource: arn('sqs', queue) }];
};

/** A query is asked for by its id alone, and there is one workgroup in which it was run. */
const WORKGROUP = arn('athena', 'workgroup/tributary-dev');

const athenaCalls = (operation: string): readonly Call[] => [
  { action: `athena:${operation}`, resource: WORKGROUP },
];

const statesCalls = (operation: string, input: Input): readonly Call[] => {
  const resource = input.executionArn ?? input.stateMachineArn;
  if (typeof resource !== 'string') throw new Error(`${operation} names no execution`);
  return [{ action: `states:${operation}`, resource }];
};

/** Metrics have no resources. */
const metricCalls = (operation: string): readonly Call[] => [
  { action: `cloudwatch:${operation}`, resource: '*' },
];

const lambdaCalls = (path: string): readonly Call[] => {
  const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)?.[1];
  if (name === undefined) throw new Error(`${path} of Lambda is not known here`);
  const resource = arn('lambda', `function:${decodeURIComponent(name)}`);
  return [{ action: 'lambda:InvokeFunction', resource }];
};

/** Parameters of S3 that make another action of the same method and path. */
const S3_OTHERS = ['acl', 'tagging', 'versionId', 'versions', 'delete', 'policy', 'retention'];

const objectAction = (method: string, query: URLSearchParams): string | undefined => {
  if (method === 'GET' || method === 'HEAD') return 's3:GetObject';
  if (method === 'DELETE')
    return query.has('uploadId') ? 's3:AbortMultipartUpload' : 's3:DeleteObject';
  return method === 'PUT' || method === 'POST' ? 's3:PutObject' : undefined;
};

const s3Calls = ({ method, url, headers, status }: SeenRequest): readonly Call[] => {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const other = S3_OTHERS.find((name) => searchParams.has(name));
  const isCopy = headers['x-amz-copy-source'] !== undefined;
  const [, bucket = '', ...parts] = pathname.split('/');
  const key = decodeURIComponent(parts.join('/'));
  const bucketArn = `arn:aws:s3:::${bucket}`;
  const context = { 's3:prefix': searchParams.get('prefix') ?? '' };
  const list: Call = { action: 's3:ListBucket', resource: bucketArn, context };
  if (key === '' && method === 'GET' && other === undefined) return [list];
  const action = objectAction(method, searchParams);
  if (key === '' || action === undefined || other !== undefined || isCopy) {
    throw new Error(`${method} ${url} of S3 is not known here`);
  }
  const call = { action, resource: `${bucketArn}/${key}` };
  // S3 says that an object is not there only to those who may list; to others it is forbidden.
  return action === 's3:GetObject' && status === 404
    ? [call, { action: 's3:ListBucket', resource: bucketArn, context: { 's3:prefix': key } }]
    : [call];
};

const CREDENTIAL = /Credential=([^/]+)\/\d{8}\/[^/]+\/([a-z0-9-]+)\/aws4_request/;
const RPC_PATH = /^\/service\/([^/]+)\/operation\/([^/?]+)/;

const inputOf = ({ headers, body }: SeenRequest): Input => {
  const isCbor = String(headers['content-type'] ?? '').includes('cbor');
  if (body.length === 0) return {};
  const input = isCbor ? decodeCbor(body) : JSON.parse(body.toString('utf8'));
  return Object(input);
};

const BY_OPERATION: Readonly<Record<string, (operation: string, input: Input) => readonly Call[]>> =
  {
    athena: athenaCalls,
    dynamodb: dynamodbCalls,
    kinesis: kinesisCalls,
    monitoring: metricCalls,
    sqs: sqsCalls,
    states: statesCalls,
  };

const callsOfService = (service: string, request: SeenRequest): readonly Call[] => {
  if (service === 's3') return s3Calls(request);
  if (service === 'lambda') return lambdaCalls(request.url);
  const target = String(request.headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);
  const operation = target || RPC_PATH.exec(request.url)?.[2] || '';
  const calls = BY_OPERATION[service];
  if (calls === undefined || operation === '') {
    throw new Error(`${request.method} ${request.url} of ${service} is not known here`);
  }
  return calls(operation, inputOf(request));
};

/** Who signed the request, and for which service; undefined where nobody did. */
export const signerOf = (
  headers: SeenRequest['headers'],
): { readonly caller: string; readonly service: string } | undefined => {
  const [, caller, service] = CREDENTIAL.exec(String(headers.authorization ?? '')) ?? [];
  return caller === undefined || service === undefined ? undefined : { caller, service };
};

export const callsOf = (request: SeenRequest): readonly Recorded[] => {
  const signer = signerOf(request.headers);
  if (signer === undefined) throw new Error(`${request.method} ${request.url} is not signed`);
  return callsOfService(signer.service, request).map((call) => ({
    ...call,
    caller: signer.caller,
  }));
};
