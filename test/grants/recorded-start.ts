/**
 * The platform as `npm start` starts it, with a recorder before the endpoint: who called which
 * action on what. It runs in a process of its own, because functions end softly, and so write which
 * of their code was run, only when the platform is killed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { assemblyCache } from '../../localstack/launch/assembly-cache.ts';
import { flagsOf } from '../../localstack/launch/flags.ts';
import { startPlatform } from '../../localstack/launch/platform.ts';
import { callsOf, type Recorded, signerOf } from './calls.ts';

/** What this process tells on `GET /_recorded`. */
export interface Recording {
  readonly calls: readonly Recorded[];
  /** Requests that could not be read as calls. */
  readonly unread: readonly string[];
  readonly assemblyFolder: string;
  /** What the interpreter made, by stack and logical id. */
  readonly created: Readonly<
    Record<string, Readonly<Record<string, { ref: string; attributes: Record<string, string> }>>>
  >;
}

const root = join(import.meta.dirname, '..', '..');
const flags = flagsOf(root, process.argv.slice(2), process.env);
const cache = assemblyCache(root);
await cache.bundle();
const { folder: assemblyFolder } = await cache.synth(flags);

const calls = new Map<string, Recorded>();
const unread = new Set<string>();
/** Functions whose puts into a stream fail, by parts of their names. */
let refused: readonly string[] = [];

const record = (request: IncomingMessage, body: Buffer, status: number): void => {
  const { method = '', url = '', headers } = request;
  try {
    for (const call of callsOf({ method, url, headers, body, status })) {
      calls.set(JSON.stringify(call), call);
    }
  } catch (why) {
    unread.add(`${signerOf(headers)?.caller}: ${why instanceof Error ? why.message : why}`);
  }
};

/** A listener would set the body flowing before its service listens, so what comes in is watched. */
const watch = (request: IncomingMessage, response: ServerResponse): void => {
  const chunks: Buffer[] = [];
  const push = request.push.bind(request);
  request.push = (chunk: Buffer | null, ...more) => {
    if (chunk !== null) chunks.push(Buffer.from(chunk));
    return push(chunk, ...more);
  };
  response.once('finish', () => record(request, Buffer.concat(chunks), response.statusCode));
};

const refuse = (request: IncomingMessage, response: ServerResponse): boolean => {
  const isPut = String(request.headers['x-amz-target']).startsWith('Kinesis_20131202.Put');
  const caller = signerOf(request.headers)?.caller;
  if (!isPut || !refused.some((part) => caller?.includes(part))) return false;
  request.resume();
  response.writeHead(503, { 'content-type': 'application/x-amz-json-1.1' });
  response.end('{"__type":"ServiceUnavailableException"}');
  return true;
};

const platform = await startPlatform({
  ...flags,
  assemblyFolder,
  bundles: join(root, 'dist', 'functions'),
  report: (fault) => console.error(fault),
  intercept: (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/_refuse') {
      refused = searchParams.getAll('puts-of');
      response.end('{}');
      return true;
    }
    if (pathname === '/_recorded') {
      response.end(JSON.stringify(recording()));
      return true;
    }
    watch(request, response);
    return refuse(request, response);
  },
});

const recording = (): Recording => ({
  calls: [...calls.values()],
  unread: [...unread],
  assemblyFolder,
  created: Object.fromEntries(
    platform.stacks.map(({ name, resources }) => [
      name,
      Object.fromEntries(
        [...resources].map(([id, { ref, attributes }]) => [
          id,
          // An inert resource makes attributes up as they are asked for; policies ask for the ARN.
          { ref, attributes: { ...attributes, Arn: attributes.Arn ?? '' } },
        ]),
      ),
    ]),
  ),
});

const { apiUrl, endpointUrl, demoKey } = platform;
console.log(JSON.stringify({ ready: true, apiUrl, endpointUrl, demoKey, pid: process.pid }));
process.once('SIGTERM', () => process.exit(0));
