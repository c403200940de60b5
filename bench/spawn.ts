import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { bundleFunctions } from '../bin/bundle.ts';
import { assemblyCache } from '../localstack/launch/assembly-cache.ts';
import { type Copy, startCopy } from '../localstack/services/lambda/copy.ts';
import { type RuntimeApi, startRuntimeApi } from '../localstack/services/lambda/runtime-api.ts';
import type { Bench } from './bench.ts';
import { median } from './measure.ts';
import { table } from './report.ts';

const FRESH_STARTS = 5;
const STARTS = 9;
/** Code is compiled once for all that follow, as a platform's copies find it. */
const WARM_UP_STARTS = 2;
/** Time to keep what was compiled. */
const AFTER_ANSWER_MS = 200;
const MEMORY_MB = 512;
const TIMEOUT_MS = 20_000;
const root = join(import.meta.dirname, '..');

/** Every function takes it and answers without a call: no record, a path that nobody serves. */
const EVENT = JSON.stringify({
  Records: [],
  shardId: 'shardId-bench',
  version: '2.0',
  routeKey: '$default',
  rawPath: '/nobody-serves-this',
  rawQueryString: '',
  headers: {},
  requestContext: {
    http: { method: 'GET', path: '/nobody-serves-this', protocol: 'HTTP/1.1', sourceIp: '::1' },
    requestId: 'bench',
    timeEpoch: 0,
  },
  isBase64Encoded: false,
});

/** What these do begins with a service, so that an empty call of them measures its absence. */
const NEEDS_A_SERVICE: ReadonlySet<string> = new Set([
  'load',
  'minute',
  'nightly',
  'plan',
  'plan-load',
  'reconcile',
]);

/** The names that any function of the template is given; no value of them is used. */
const variables = async (): Promise<Readonly<Record<string, string>>> => {
  const cache = assemblyCache(root);
  await cache.bundle();
  const { folder } = await cache.synth({});
  const templates = readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  const names = templates.flatMap((name) => {
    const { Resources } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    return Object.values(Object(Resources)).flatMap((resource) =>
      Object.keys(Object(Object(resource).Properties?.Environment?.Variables)),
    );
  });
  return Object.fromEntries(names.map((name) => [name, 'none']));
};

interface Starting {
  readonly name: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly compileCache: string;
}

const definitionOf = ({ name, folder, environment }: Starting) => ({
  ...{ name, folder, environment },
  arn: `arn:aws:lambda:eu-west-1:000000000000:function:${name}`,
  description: '',
  handler: 'index.handler',
  runtime: 'nodejs24.x',
  architecture: 'arm64',
  timeoutMs: TIMEOUT_MS,
  memoryMb: MEMORY_MB,
  reservedCopies: undefined,
});

/** From the spawn of the process to the answer to a call that was there before it. */
const startMs = async (runtimeApi: RuntimeApi, starting: Starting): Promise<number> => {
  let said = '';
  const write = (text: string | Uint8Array): void => {
    said += Buffer.from(text).toString('utf8');
  };
  const sinceMs = performance.now();
  const copy: Copy = startCopy(
    {
      definition: definitionOf(starting),
      runtimeApi,
      log: { path: '', write },
      children: { add: () => {}, remove: () => {} },
      endpointUrl: 'http://127.0.0.1:9',
      compileCache: starting.compileCache,
      clockOffsetMs: () => 0,
      moreVariables: () => ({}),
    },
    { onFree: () => {}, onEnd: () => {} },
  );
  const { error, payload } = await copy.invoke(EVENT);
  const ms = performance.now() - sinceMs;
  await pause(AFTER_ANSWER_MS);
  await copy.end();
  if (error !== undefined) throw new Error(`${starting.name} answered ${payload}\n${said}`);
  return ms;
};

interface Started {
  /** Nothing of the bundle was ever compiled. */
  readonly freshMs: number;
  readonly ms: number;
  readonly slowestMs: number;
}

const startsOf = async (
  runtimeApi: RuntimeApi,
  starting: Omit<Starting, 'compileCache'>,
): Promise<Started> => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  const cacheOf = (name: string) => ({ ...starting, compileCache: join(folder, name) });
  try {
    const fresh: number[] = [];
    for (let n = 0; n < FRESH_STARTS; n += 1)
      fresh.push(await startMs(runtimeApi, cacheOf(`${n}`)));
    for (let n = 0; n < WARM_UP_STARTS; n += 1) await startMs(runtimeApi, cacheOf('kept'));
    const kept: number[] = [];
    for (let n = 0; n < STARTS; n += 1) kept.push(await startMs(runtimeApi, cacheOf('kept')));
    const [freshMs, ms, slowestMs] = [median(fresh), median(kept), Math.max(...kept)].map(
      Math.round,
    );
    return { freshMs: freshMs ?? 0, ms: ms ?? 0, slowestMs: slowestMs ?? 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

interface Spawn {
  readonly spawn: Readonly<Record<string, Started>>;
}

const run = async (): Promise<Spawn> => {
  const environment = await variables();
  const runtimeApi = await startRuntimeApi();
  try {
    const byName: Record<string, Started> = {};
    for (const { name, path } of await bundleFunctions()) {
      if (NEEDS_A_SERVICE.has(name)) continue;
      byName[name] = await startsOf(runtimeApi, { name, folder: dirname(path), environment });
    }
    return { spawn: byName };
  } finally {
    await runtimeApi.close();
  }
};

export const spawn: Bench<Spawn> = {
  name: 'spawn',
  run,
  section: ({ spawn: byName }) => `## From spawn to first byte

Milliseconds from the spawn of a function's process by the local Lambda to its answer to a call that
waited for it: Node, the bundle, its clients, a call that needs no service. Median of ${FRESH_STARTS} starts with nothing
compiled, and of ${STARTS} that find compiled code (\`NODE_COMPILE_CACHE\`), as the copies of \`npm start\` do.
On AWS there is no compiled code to find, and less CPU by memory. Not measured, because they begin with a call to a
service: ${[...NEEDS_A_SERVICE].join(', ')}.

${table(
  ['function', 'nothing compiled', 'compiled before', 'slowest of these'],
  Object.entries(byName).map(([name, { freshMs, ms, slowestMs }]) => [
    name,
    freshMs,
    ms,
    slowestMs,
  ]),
)}`,
};
