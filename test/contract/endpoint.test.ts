import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalService } from '../../localstack/cloud.ts';
import { endpoint } from '../../localstack/endpoint.ts';
import { createClock } from '../../localstack/launch/clock.ts';
import { control } from '../../localstack/launch/control.ts';
import { createSts } from '../../localstack/services/sts/sts.ts';

const clock = createClock(0);
let server: Server;
let url = '';

/** Answers with its own name, so that a test sees who was asked. */
const named = (name: string): LocalService => ({
  resourceTypes: [],
  handle: (_request, response) => response.end(name),
  close: async () => undefined,
});

beforeAll(async () => {
  const services = {
    kinesis: named('kinesis'),
    dynamodb: named('dynamodb'),
    s3: named('s3'),
    sqs: named('sqs'),
    ssm: named('ssm'),
    firehose: named('firehose'),
    lambda: named('lambda'),
    mapping: named('mapping'),
    scheduler: named('scheduler'),
    sts: createSts(),
  };
  const handle = endpoint({
    services: () => services,
    control: control({ clock, health: () => ({ well: true }), flush: async () => undefined }),
  });
  server = createServer(handle).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=local/20261124/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

test.each([
  ['kinesis', '/', { 'x-amz-target': 'Kinesis_20131202.ListStreams' }],
  ['kinesis', '/service/Kinesis_20131202/operation/PutRecords', {}],
  ['dynamodb', '/', { 'x-amz-target': 'DynamoDB_20120810.Scan' }],
  ['dynamodb', '/', { 'x-amz-target': 'DynamoDBStreams_20120810.ListStreams' }],
  ['ssm', '/', { 'x-amz-target': 'AmazonSSM.GetParameter' }],
  ['firehose', '/', { 'x-amz-target': 'Firehose_20150804.PutRecord' }],
  ['sqs', '/', { 'x-amz-target': 'AmazonSQS.SendMessage' }],
  ['sqs', '/000000000000/queue', signed('sqs')],
  ['s3', '/bucket/key', signed('s3')],
  ['s3', '/bucket/2015-03-31/functions', signed('s3')],
  ['s3', '/bucket/key?X-Amz-Credential=local%2F20261124%2Fus-east-1%2Fs3%2Faws4_request', {}],
  ['lambda', '/2015-03-31/functions/', signed('lambda')],
  ['lambda', '/2015-03-31/functions/x/invocations', {}],
  ['mapping', '/2015-03-31/event-source-mappings/', signed('lambda')],
  ['scheduler', '/schedules/x', signed('scheduler')],
])('%s answers %s', async (service, path, headers) => {
  expect(await (await fetch(url + path, { headers })).text()).toBe(service);
});

test('GetCallerIdentity names the account of every ARN', async () => {
  const response = await fetch(url, {
    method: 'POST',
    headers: signed('sts'),
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  });
  expect(await response.text()).toContain('<Account>000000000000</Account>');
});

test('a service that the platform does not use is refused by name, in the client’s protocol', async () => {
  const xml = await fetch(url, { headers: signed('sns') });
  expect([xml.status, await xml.text()]).toEqual([
    501,
    expect.stringContaining('sns is not in the local cloud'),
  ]);
  const headers = { ...signed('states'), 'x-amz-target': 'AWSStepFunctions.StartExecution' };
  const json = await fetch(url, { method: 'POST', headers, body: '{}' });
  expect(await json.json()).toMatchObject({
    __type: 'UnknownServiceException',
    message: expect.stringContaining('states is not in the local cloud'),
  });
});

test('somebody who opens the endpoint in a browser is told what it is', async () => {
  const response = await fetch(url);
  expect(await response.text()).toContain('aws --endpoint-url http://127.0.0.1');
});

test('the clock is moved by a call, and back', async () => {
  const move = (body: string) => fetch(`${url}/_tributary/clock`, { method: 'POST', body });
  expect((await move('{"offsetMs":300000}')).status).toBe(200);
  expect(clock.now() - Date.now()).toBeGreaterThan(299_000);
  expect((await move('{"offsetMs":"soon"}')).status).toBe(400);
  await move('{"offsetMs":0}');
  expect(clock.offsetMs()).toBe(0);
  expect(await (await fetch(`${url}/_tributary/health`)).json()).toEqual({ well: true });
});
