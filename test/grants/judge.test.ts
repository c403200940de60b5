import { expect, test } from 'vitest';
import type { GrantedFunction } from './granted.ts';
import { judge } from './judge.ts';
import type { Grant } from './policy.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/records';
const KEY = 'arn:aws:kms:us-east-1:000000000000:key/key';
const LOGS = 'arn:aws:logs:us-east-1:000000000000:log-group/tally';
const BUCKET = 'arn:aws:s3:::failed';
const STREAM = 'arn:aws:kinesis:us-east-1:000000000000:stream/raw';

const grant = (action: string, resource: string): Grant => ({ action, resource, conditions: [] });

const OWN_LOGS = [grant('logs:CreateLogStream', LOGS), grant('logs:PutLogEvents', LOGS)];

const verdictOn = (
  given: {
    readonly grants?: readonly Grant[];
    readonly mappings?: GrantedFunction['mappings'];
    readonly key?: string;
  },
  ...calls: readonly (readonly [action: string, resource: string])[]
) => {
  const tally: GrantedFunction = {
    name: 'stack-tally',
    shortName: 'tally',
    logGroup: LOGS,
    isTraced: false,
    isInVpc: false,
    mappings: given.mappings ?? [],
    grants: [...OWN_LOGS, ...(given.grants ?? [])],
  };
  return judge(
    { functions: [tally], key: given.key },
    calls.map(([action, resource]) => ({ caller: 'stack-tally', action, resource })),
  );
};

test('a call without a grant names function, action and resource', () => {
  const { notGranted } = verdictOn({}, ['dynamodb:GetItem', TABLE]);
  expect(notGranted).toEqual([expect.stringContaining(`tally calls dynamodb:GetItem on ${TABLE}`)]);
  const granted = { grants: [grant('dynamodb:GetItem', TABLE)] };
  expect(verdictOn(granted, ['dynamodb:GetItem', TABLE]).notGranted).toEqual([]);
});

test('the grant of one function allows nothing to another', () => {
  const { notGranted, neverUsed } = judge(
    {
      key: undefined,
      functions: ['one', 'two'].map((name) => ({
        name,
        shortName: name,
        logGroup: LOGS,
        isTraced: false,
        isInVpc: false,
        mappings: [],
        grants: [...OWN_LOGS, ...(name === 'one' ? [grant('dynamodb:GetItem', TABLE)] : [])],
      })),
    },
    [{ caller: 'two', action: 'dynamodb:GetItem', resource: TABLE }],
  );
  expect(notGranted).toEqual([expect.stringMatching(/^two calls/)]);
  expect(neverUsed).toEqual([expect.stringMatching(/^one is granted/)]);
});

test('a grant without a call is named, each action of it by itself', () => {
  const grants = [grant('dynamodb:GetItem', TABLE), grant('dynamodb:PutItem', TABLE)];
  const { neverUsed } = verdictOn({ grants }, ['dynamodb:PutItem', TABLE]);
  expect(neverUsed).toEqual([expect.stringContaining('tally is granted dynamodb:GetItem')]);
});

test('what a mapping does is needed, and is excused on its own source alone', () => {
  const mappings = [{ source: STREAM, discardedTo: undefined }];
  const missing = verdictOn({ mappings }).notGranted;
  expect(missing).toContainEqual(
    expect.stringContaining(`AWS needs kinesis:GetRecords on ${STREAM}`),
  );
  const elsewhere = { mappings, grants: [grant('kinesis:GetRecords', `${STREAM}-2`)] };
  expect(verdictOn(elsewhere).neverUsed).toHaveLength(1);
  const exact = { mappings, grants: [grant('kinesis:GetRecords', STREAM)] };
  expect(verdictOn(exact).neverUsed).toEqual([]);
});

test('a key is needed for what was called, and for no more', () => {
  const calls = ['dynamodb:GetItem', TABLE] as const;
  const grants = [grant('dynamodb:GetItem', TABLE), grant('kms:Decrypt', KEY)];
  const { notGranted } = verdictOn({ grants, key: KEY }, calls);
  expect(notGranted).toEqual([expect.stringContaining('AWS needs kms:DescribeKey')]);
  const more = [...grants, grant('kms:DescribeKey', KEY), grant('kms:Encrypt', KEY)];
  expect(verdictOn({ grants: more, key: KEY }, calls).neverUsed).toEqual([
    expect.stringContaining('kms:Encrypt'),
  ]);
});

test('a star stands only for keys of objects that the code cannot name', () => {
  const put = (key: string) => ['s3:PutObject', `${BUCKET}/${key}`] as const;
  const wide = { grants: [grant('s3:PutObject', `${BUCKET}/failed/*`)] };
  expect(verdictOn(wide, put('failed/tally/2026/r1')).tooWide).toHaveLength(1);
  expect(verdictOn(wide, put('failed/tally/1'), put('failed/state/1')).tooWide).toHaveLength(1);
  const all = ['collect', 'enrich', 'aggregate'].map((stage) => put(`failed/${stage}/1`));
  expect(verdictOn(wide, ...all).tooWide).toEqual([]);
  const narrow = { grants: [grant('s3:PutObject', `${BUCKET}/failed/tally/*`)] };
  expect(verdictOn(narrow, put('failed/tally/2026-11-24/r1')).tooWide).toEqual([]);
  for (const resource of ['*', `${TABLE.slice(0, -1)}*`]) {
    const open = { grants: [grant('dynamodb:GetItem', resource)] };
    expect(verdictOn(open, ['dynamodb:GetItem', TABLE]).tooWide).toHaveLength(1);
  }
  const actions = { grants: [grant('dynamodb:*', TABLE)] };
  expect(verdictOn(actions, ['dynamodb:GetItem', TABLE]).tooWide).toHaveLength(1);
});

test('an excuse that no function needs is named', () => {
  expect(verdictOn({}).needless).toContainEqual(expect.stringContaining('"X-Ray"'));
  expect(verdictOn({}).needless).not.toContainEqual(expect.stringContaining('"logs"'));
});
