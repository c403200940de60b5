import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSsm } from '../../localstack/services/ssm/create-ssm.ts';
import { callJson, type Served, serve, stillClock, temporaryFolder } from '../support/served.ts';

let folder: ReturnType<typeof temporaryFolder>;
let ssm: ReturnType<typeof createSsm>;
let served: Served;

const start = async (): Promise<void> => {
  ssm = createSsm({ dataDir: folder.path, clock: stillClock(Date.UTC(2026, 10, 24)) });
  served = await serve(ssm.handle);
};

const call = (operation: string, input: object) =>
  callJson(served.url, `AmazonSSM.${operation}`, input);

const create = async (properties: Readonly<Record<string, unknown>>) =>
  ssm.resourceTypes[0]?.create({
    stack: 'data',
    logicalId: 'P',
    type: 'AWS::SSM::Parameter',
    physicalName: 'data-p',
    properties,
    metadata: {},
  });

beforeEach(async () => {
  folder = temporaryFolder();
  await start();
});

afterEach(async () => {
  await served.close();
  folder.remove();
});

test('a parameter of the template is read by name, by names and by path, over a restart', async () => {
  const created = await create({
    Name: '/tributary/dev/streams/raw',
    Type: 'String',
    Value: 'raw-1',
  });
  expect(created).toEqual({
    ref: '/tributary/dev/streams/raw',
    attributes: { Type: 'String', Value: 'raw-1' },
  });
  await create({ Name: '/tributary/dev/list', Type: 'StringList', Value: 'a,b' });
  await served.close();
  await start();
  expect(ssm.parameter('/tributary/dev/streams/raw')).toBe('raw-1');
  const one = await call('GetParameter', { Name: '/tributary/dev/streams/raw' });
  expect(one.body.Parameter).toMatchObject({
    Value: 'raw-1',
    Version: 1,
    ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/tributary/dev/streams/raw',
  });
  const many = await call('GetParameters', { Names: ['/tributary/dev/list', '/none'] });
  expect(many.body).toMatchObject({
    Parameters: [{ Type: 'StringList' }],
    InvalidParameters: ['/none'],
  });
  const flat = await call('GetParametersByPath', { Path: '/tributary/dev' });
  expect(flat.body.Parameters).toHaveLength(1);
  const deep = await call('GetParametersByPath', { Path: '/tributary/dev', Recursive: true });
  expect(deep.body.Parameters).toHaveLength(2);
});

test('a present parameter is overwritten only where that was asked for', async () => {
  const put = (Value: string, Overwrite?: boolean) =>
    call('PutParameter', { Name: 'p', Type: 'String', Value, Overwrite });
  expect((await put('1')).body).toMatchObject({ Version: 1 });
  expect(await put('2')).toMatchObject({ status: 400, body: { __type: 'ParameterAlreadyExists' } });
  expect((await put('2', true)).body).toMatchObject({ Version: 2 });
  expect(ssm.parameter('p')).toBe('2');
});

test('what is not there, too long, of another type or off its pattern is refused', async () => {
  expect((await call('GetParameter', { Name: 'none' })).body.__type).toBe('ParameterNotFound');
  const put = (more: object) =>
    call('PutParameter', { Name: 'p', Type: 'String', Value: 'v', ...more });
  expect((await put({ Value: 'x'.repeat(4097) })).status).toBe(400);
  expect((await put({ Type: 'SecureString' })).status).toBe(400);
  await expect(
    create({ Name: 'p', Type: 'String', Value: 'v1', AllowedPattern: '[a-z]+' }),
  ).rejects.toThrow(/match/);
  expect((await call('Nonsense', {})).body.__type).toBe('UnknownOperationException');
});
