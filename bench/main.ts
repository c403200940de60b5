/** `npm run bench`: the figures of the event path, into `bench/results/` and `docs/performance.md`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions } from '../bin/bundle.ts';
import { PROFILE_BYTES_MAX } from '../functions/core/profile/codec.ts';
import { bodyOf, decodeRequest, enrichAll, rawRecordOf } from './event-path.ts';
import { foldInto, type UserRecord } from './fold.ts';
import { type Figure, measure } from './measure.ts';
import { performanceDocument, type Results } from './report.ts';
import { crowdSizes, worstUser } from './state-size.ts';
import { nativeEvents, requestsOf } from './workload.ts';

const EVENTS = 20_000;
const USERS = 300;
const EVENTS_PER_REQUEST = [1, 10, 25] as const;

const root = join(import.meta.dirname, '..');

const eventPath = (): Results['eventPath'] => {
  const sent = nativeEvents(USERS, EVENTS);
  const stages: Record<string, Record<string, Figure>> = {};
  const note = (stage: string, size: number, figure: Figure): void => {
    stages[stage] = { ...stages[stage], [size]: figure };
    console.log(`${stage}, ${size} a request: ${figure.eventsPerSecondPerCore} events/s per core`);
  };
  for (const size of EVENTS_PER_REQUEST) {
    const bodies = requestsOf(sent, size).map(bodyOf);
    const events = bodies.length * size;
    const decode = measure(events, () => {
      for (const body of bodies) decodeRequest(body);
    });
    note('decode and validate', size, decode);
    const raw = bodies.flatMap((body) =>
      decodeRequest(body).map((envelope, place) => rawRecordOf(envelope, place, body.atMs)),
    );
    const placed = raw.map((record, place) => ({
      ...record,
      at: rawRecordOf({ partitionKey: '', data: '' }, place).at,
    }));
    note(
      'enrich',
      size,
      measure(events, () => {
        enrichAll(placed);
      }),
    );
    const users = Map.groupBy(enrichAll(placed), ({ partitionKey }) => partitionKey);
    note(
      'fold with dedupe',
      size,
      measure(events, () => {
        for (const [user, records] of users) foldOneByOne(user, records);
      }),
    );
  }
  return stages;
};

/** A write for each envelope: the worst case, where a batch never holds two of one user. */
const foldOneByOne = (user: string, records: readonly UserRecord[]): void => {
  let stored: ReturnType<typeof foldInto> | undefined;
  for (const record of records) stored = foldInto(stored, user, [record]);
};

const machine = (): string => {
  const [first, ...others] = cpus();
  return `${1 + others.length} × ${first?.model.trim() ?? 'unknown processor'}`;
};

const commitOf = (): string => {
  const git = (...given: readonly string[]): string =>
    execFileSync('git', given, { cwd: root, encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD');
  } catch {
    return 'an unknown commit';
  }
};

const main = async (): Promise<void> => {
  const bundles = await bundleFunctions();
  const results: Results = {
    date: new Date().toISOString(),
    machine: machine(),
    node: process.version,
    commit: commitOf(),
    eventPath: eventPath(),
    state: { simulator: crowdSizes(), worst: worstUser(), limitBytes: PROFILE_BYTES_MAX },
    bundles: Object.fromEntries(bundles.map(({ name, bytes }) => [name, bytes])),
  };
  mkdirSync(join(root, 'bench', 'results'), { recursive: true });
  writeFileSync(
    join(root, 'bench', 'results', 'event-path.json'),
    `${JSON.stringify(results, null, 2)}\n`,
  );
  const document = performanceDocument(results);
  writeFileSync(join(root, 'docs', 'performance.md'), document);
  console.log(`\n${document}`);
};

await main();
