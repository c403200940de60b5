import { expect, test } from 'vitest';
import { covers, type Grant, grantsOf, matches } from './policy.ts';

const BUCKET = 'arn:aws:s3:::failed';

const statement = (more: Readonly<Record<string, unknown>> = {}) => ({
  Statement: [
    {
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:GetObject'],
      Resource: `${BUCKET}/failed/collect/*`,
      ...more,
    },
  ],
});

const allowed = (document: unknown, action: string, resource: string, context = {}): boolean =>
  grantsOf(document).some((grant) => covers(grant, { action, resource, context }));

test('a star is any text, a question mark one character, and a dot is a dot', () => {
  expect(matches('a*c', 'abbc')).toBe(true);
  expect(matches('a*c', 'abbcd')).toBe(false);
  expect(matches('a?c', 'abc')).toBe(true);
  expect(matches('a?c', 'ac')).toBe(false);
  expect(matches('a.c', 'abc')).toBe(false);
  expect(matches('arn:*/x', 'arn:a/b\n/x')).toBe(true);
  expect(matches('stream/a+(b)', 'stream/a+(b)')).toBe(true);
});

test('an action is allowed on what the pattern of its own statement covers', () => {
  expect(allowed(statement(), 's3:PutObject', `${BUCKET}/failed/collect/2026/r1`)).toBe(true);
  expect(allowed(statement(), 'S3:putobject', `${BUCKET}/failed/collect/2026/r1`)).toBe(true);
  expect(allowed(statement(), 's3:PutObject', `${BUCKET}/failed/enrich/2026/r1`)).toBe(false);
  expect(allowed(statement(), 's3:DeleteObject', `${BUCKET}/failed/collect/2026/r1`)).toBe(false);
  expect(allowed(statement(), 's3:PutObject', `${BUCKET}/FAILED/collect/2026/r1`)).toBe(false);
});

test('each action of a statement is a grant on each of its resources', () => {
  const both = statement({ Resource: [`${BUCKET}/a/*`, `${BUCKET}/b/*`] });
  expect(grantsOf(both).map(({ action, resource }: Grant) => `${action} ${resource}`)).toEqual([
    `s3:PutObject ${BUCKET}/a/*`,
    `s3:PutObject ${BUCKET}/b/*`,
    `s3:GetObject ${BUCKET}/a/*`,
    `s3:GetObject ${BUCKET}/b/*`,
  ]);
});

test('a condition wants its key in the call', () => {
  const below = statement({
    Action: 's3:ListBucket',
    Resource: BUCKET,
    Condition: { StringLike: { 's3:prefix': ['failed/*', 'errors/*'] } },
  });
  expect(allowed(below, 's3:ListBucket', BUCKET, { 's3:prefix': 'errors/raw' })).toBe(true);
  expect(allowed(below, 's3:ListBucket', BUCKET, { 's3:prefix': 'raw/' })).toBe(false);
  expect(allowed(below, 's3:ListBucket', BUCKET)).toBe(false);
});

test('what is not evaluated is refused, never skipped', () => {
  expect(() => grantsOf(statement({ NotAction: 's3:*' }))).toThrow(/NotAction in a statement/);
  expect(() => grantsOf(statement({ NotResource: '*' }))).toThrow(/NotResource in a statement/);
  expect(() => grantsOf(statement({ Effect: 'Deny' }))).toThrow(/Effect Deny/);
  expect(() =>
    grantsOf(statement({ Condition: { Bool: { 'aws:SecureTransport': 'true' } } })),
  ).toThrow(/operator Bool/);
  expect(() => grantsOf(statement({ Resource: { Ref: 'Bucket' } }))).toThrow(/Resource is no text/);
});

test('rows are allowed by their partition key, and no row that is not named', () => {
  const document = statement({
    Action: 'dynamodb:PutItem',
    Resource: BUCKET,
    Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['t#*'] } },
  });
  const put = (context: object) => allowed(document, 'dynamodb:PutItem', BUCKET, context);
  expect(put({ 'dynamodb:LeadingKeys': 't#main#u' })).toBe(true);
  expect(put({ 'dynamodb:LeadingKeys': 'key#1' })).toBe(false);
  expect(put({})).toBe(false);
});
