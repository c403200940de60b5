/**
 * Each role grants what its function calls, and nothing else. The calls are those of a local run in
 * which every method of every adapter was called; the grants are those of the template that the
 * run was made from.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type SizeName, sizes } from '../../lib/config.ts';
import { assemblyCache } from '../../localstack/launch/assembly-cache.ts';
import { eventually } from '../e2e/asking.ts';
import { copiesOf, lives, newDataDir, startProcess } from '../e2e/start-process.ts';
import { LEADING_KEYS, type Recorded } from './calls.ts';
import { drive } from './drive.ts';
import { type GrantedPlatform, grantedPlatform } from './granted.ts';
import { judge, type Verdict } from './judge.ts';
import { type MethodUse, methodUses } from './methods.ts';
import type { Recording } from './recorded-start.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BUNDLES = join(ROOT, 'dist', 'functions');

const excused = (
  functions: readonly string[],
  adapter: string,
  methods: readonly string[],
  why: string,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    functions.flatMap((name) => methods.map((method) => [`${name} ${adapter}: ${method}`, why])),
  );

const RUNS = 'dynamo-run-store.ts';
const OBJECTS = 's3-run-objects.ts';
const LISTS = 'dynamo-item-lists-writer.ts';
const FLIGHT = ['flight', 'takeFlight', 'begin', 'latest'] as const;
const NOTES = ['saveLoaded', 'plannedCut', 'savePlannedCut'] as const;

/** Methods that a function has in its bundle, because its adapter has them, and never calls. */
const NEVER_CALLED: Readonly<Record<string, string>> = {
  ...excused(['nightly'], 'dynamo-key-store.ts', ['simulates'], 'only an empty body asks it'),
  ...excused(
    ['nightly'],
    RUNS,
    ['giveBack', 'latest', 'loaded', ...NOTES],
    'it starts runs and tells of them; plan ends them, and commands list them',
  ),
  ...excused(['plan'], RUNS, FLIGHT, 'it is inside a run, which nightly has begun'),
  ...excused(
    ['plan-load', 'load', 'reconcile'],
    RUNS,
    [...FLIGHT, 'giveBack', 'find', 'loaded', ...NOTES],
    'a step tells that it is at work, and no more',
  ),
  ...excused(
    ['plan'],
    OBJECTS,
    ['[Symbol.asyncIterator]', 'list', 'lines'],
    'it only asks on which day the lake begins',
  ),
  ...excused(
    ['plan-load'],
    OBJECTS,
    ['[Symbol.asyncIterator]', 'lines', 'firstLanding'],
    'it only lists',
  ),
  ...excused(['load'], OBJECTS, ['firstLanding'], 'it reads one run'),
  ...excused(['load'], LISTS, ['pointTo'], 'plan points to what all loads have written'),
  ...excused(['plan'], LISTS, ['put'], 'load writes the rows'),
  'minute dynamo-trends-reader.ts: read': 'it reads them as its store does, to add to them',
  'project dynamo-availability.ts: read': 'whoever shows what it tells of asks then',
  'personalize dynamo-key-store.ts: simulates': 'only an empty body of ingest asks it',
  'admin dynamo-key-store.ts: simulates': 'only an empty body of ingest asks it',
  'analytics dynamo-key-store.ts: simulates': 'only an empty body of ingest asks it',
  'profile dynamo-key-store.ts: simulates': 'only an empty body of ingest asks it',
};

let recording: Recording;
let platform: GrantedPlatform;
let verdict: Verdict;
let methods: readonly MethodUse[];

beforeAll(async () => {
  const dataDir = newDataDir();
  const coverage = mkdtempSync(join(tmpdir(), 'tributary-coverage-'));
  const started = await startProcess({
    script: 'test/grants/recorded-start.ts',
    dataDir,
    args: ['--faults'],
    environment: { NODE_V8_COVERAGE: coverage },
  });
  try {
    await drive(started);
    recording = (await (await fetch(`${started.endpointUrl}/_recorded`)).json()) as Recording;
    const copies = await copiesOf(started);
    // Functions whose platform is gone end by themselves, and write what was run as they do.
    started.child.kill('SIGKILL');
    await eventually(async () => (copies.some(lives) ? undefined : true));
    methods = await methodUses(coverage);
    platform = grantedPlatform(recording, BUNDLES);
    verdict = judge(platform, recording.calls);
  } finally {
    started.child.kill('SIGKILL');
    await started.ended;
    rmSync(dataDir, { recursive: true, force: true });
    rmSync(coverage, { recursive: true, force: true });
  }
}, 180_000);

test('every method of every adapter was called in the run', () => {
  const driven = methods.filter(({ isCalled }) => isCalled).length;
  expect(driven).toBeGreaterThan(20);
  const missed = methods
    .filter(({ isCalled }) => !isCalled)
    .map(({ shortName, method }) => `${shortName} ${method}`)
    .filter((use) => NEVER_CALLED[use] === undefined)
    .map(
      (use) => `${use} was never called: make ${use.split(' ')[0]} call it in test/grants/drive.ts`,
    );
  expect(missed).toEqual([]);
});

test('what is excused from being called is in a bundle, and is not called', () => {
  const uncalled = new Set(
    methods
      .filter(({ isCalled }) => !isCalled)
      .map(({ shortName, method }) => `${shortName} ${method}`),
  );
  expect(Object.keys(NEVER_CALLED).filter((use) => !uncalled.has(use))).toEqual([]);
});

test('every request of a function is understood', () => {
  const ours = new Set(platform.functions.map(({ name }) => name));
  expect(recording.unread.filter((said) => ours.has(said.split(':')[0] ?? ''))).toEqual([]);
});

test('every function was seen, under its own name', () => {
  const callers = new Set(recording.calls.map(({ caller }) => caller));
  expect(platform.functions.length).toBeGreaterThanOrEqual(7);
  expect(platform.functions.filter(({ name }) => !callers.has(name))).toEqual([]);
});

test('no function calls what its role does not grant', () => {
  expect(verdict.notGranted).toEqual([]);
});

test('no function is granted what it never uses', () => {
  expect(verdict.neverUsed).toEqual([]);
});

test('no grant is wider than what was used of it', () => {
  expect(verdict.tooWide).toEqual([]);
});

/** Without a timeline a size has no grant for its rows, and nobody asks for them. */
const isOfTimeline = ({ context }: Recorded): boolean =>
  context?.[LEADING_KEYS]?.startsWith('t#') === true;
/** Where nobody is told of best items, `project` reads nothing to find them. */
const isOfBestItems = ({ caller, action }: Recorded): boolean =>
  caller.includes('Projection') && /^(dynamodb|s3):/.test(action);

const callsIn = (size: SizeName): readonly Recorded[] => {
  const { timeline, tellsRecommendations } = sizes[size];
  return recording.calls.filter(
    (call) => (timeline || !isOfTimeline(call)) && (tellsRecommendations || !isOfBestItems(call)),
  );
};

test.each(['starter', 'scale'] as const)(
  'the roles of the size %s grant the same',
  async (size) => {
    const { folder } = await assemblyCache(ROOT).synth({ size });
    const other = grantedPlatform({ ...recording, assemblyFolder: folder }, BUNDLES);
    expect(other.functions.length).toBeGreaterThanOrEqual(7);
    const { notGranted, neverUsed, tooWide } = judge(other, callsIn(size));
    expect([...notGranted, ...neverUsed, ...tooWide]).toEqual([]);
  },
  60_000,
);

test('nothing is excused without need', () => {
  expect(verdict.needless).toEqual([]);
});
