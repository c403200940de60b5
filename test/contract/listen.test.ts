import { request } from 'node:http';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { afterEach, expect, test } from 'vitest';
import { listen, type OpenPort } from '../../localstack/launch/listen.ts';

const ports: OpenPort[] = [];
afterEach(async () => {
  for (const port of ports.splice(0)) await port.close();
});

const echoing = async (): Promise<OpenPort> => {
  const port = await listen(
    (request, response) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      request.on('end', () => {
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
        response.end(
          JSON.stringify({
            StreamNames: [request.httpVersion, String(request.headers['x-amz-target']), `${bytes}`],
          }),
        );
      });
    },
    0,
    '--port',
  );
  ports.push(port);
  return port;
};

test('the SDK’s Kinesis client speaks HTTP/2, and is understood', async () => {
  const { port } = await echoing();
  const client = new KinesisClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const names = async () => (await client.send(new ListStreamsCommand({}))).StreamNames;
  expect(await names()).toEqual(['2.0', 'Kinesis_20131202.ListStreams', '2']);
  expect(await Promise.all([names(), names(), names()])).toHaveLength(3);
  client.destroy();
});

test('HTTP/1.1 is understood on the same port, large bodies and many at once', async () => {
  const { port } = await echoing();
  const post = async (bytes: number) => {
    const body = Buffer.alloc(bytes);
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body });
    return Object(await response.json()).StreamNames;
  };
  expect(await post(5_000_000)).toEqual(['1.1', 'undefined', '5000000']);
  const all = await Promise.all(Array.from({ length: 50 }, (_, at) => post(at)));
  expect(all.map((one) => one[2])).toEqual(Array.from({ length: 50 }, (_, at) => `${at}`));
});

test('closing ends open connections', async () => {
  const open = await listen(() => undefined, 0, '--port');
  const waiting = fetch(`http://127.0.0.1:${open.port}`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await open.close();
  await expect(waiting).rejects.toThrow();
});

test('it binds loopback, and nothing else', async () => {
  const { port } = await echoing();
  await expect(fetch(`http://[::]:${port}`)).rejects.toThrow();
  await expect(listen(() => undefined, port, '--port')).rejects.toThrow(`port ${port} is taken`);
});

test.each([
  ['localhost', 200],
  ['127.0.0.1:8080', 200],
  ['bucket.localhost:4566', 200],
  ['evil.example', 403],
  ['127.0.0.1.evil.example', 403],
])('a request for %s is answered %i', async (host, status) => {
  const { port } = await echoing();
  const answered = await new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
  expect(answered).toBe(status);
});
