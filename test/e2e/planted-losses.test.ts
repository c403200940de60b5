/** A platform that loses one event in each stage, by a mistake planted in its code: the ledger names each. */
import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { RealtimeAnswer } from '../../functions/core/analytics/live-answers.ts';
import { drained, eventually } from './asking.ts';
import { closeLedger } from './ledger-process.ts';
import { type Planted, plantedAssembly } from './planted-assembly.ts';
import { newDataDir, type Started, startProcess } from './start-process.ts';

const LOSSES: readonly Planted[] = [
  {
    capability: 'collect',
    file: 'functions/collect/ingest.ts',
    find: 'return put(envelopes, request.requestId);',
    replace:
      "return put(envelopes.filter(({ data }) => !data.includes('lost-before')), request.requestId);",
  },
  {
    capability: 'enrich',
    file: 'functions/core/enrichment/enrich-record.ts',
    find: 'for (const [index, text] of texts.entries()) {',
    replace:
      "for (const [index, text] of texts.entries()) { if (text.includes('lost-in-enrich')) continue;",
  },
  {
    capability: 'aggregate',
    file: 'functions/aggregate/read-batch.ts',
    find: "if (text === '') continue;",
    replace: "if (text === '' || text.includes('lost-in-aggregate')) continue;",
  },
  {
    capability: 'tally',
    file: 'functions/tally/read-changes.ts',
    find: 'if (origin === undefined || effects === undefined) continue;',
    replace:
      "if (origin === undefined || effects === undefined || origin.user === 'tom') continue;",
  },
];

const post = async (
  { apiUrl }: Started,
  ...events: readonly (readonly [userId: string, eventId: string])[]
): Promise<void> => {
  const body = events.map(([userId, eventId]) => ({ userId, eventId, event: 'Product Viewed' }));
  const answer = await fetch(`${apiUrl}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(await answer.json()).toMatchObject({ accepted: events.length, rejected: 0 });
};

const applied = async ({ apiUrl }: Started): Promise<number> => {
  const answer = await fetch(`${apiUrl}/v1/analytics/realtime?minutes=10`);
  return ((await answer.json()) as RealtimeAnswer).totals.applied;
};

test('one event lost before enrich, one in it, one in aggregate and one in tally are each named by the ledger', async () => {
  const startedAtMs = Date.now();
  const dataDir = newDataDir();
  const assembly = await plantedAssembly(LOSSES);
  const platform = await startProcess({ dataDir, args: ['--assembly', assembly] });
  onTestFinished(async () => {
    platform.child.kill('SIGTERM');
    await platform.ended;
    for (const folder of [assembly, dataDir]) rmSync(folder, { recursive: true, force: true });
  });

  await post(platform, ['ann', 'kept-1'], ['bob', 'lost-before']);
  await post(platform, ['ann', 'kept-2'], ['ann', 'lost-in-enrich']);
  await post(platform, ['bob', 'lost-in-aggregate'], ['bob', 'kept-3'], ['eve', 'kept-4']);
  await post(platform, ['tom', 'counted-by-tom-alone']);
  await drained(platform);
  await eventually(async () => ((await applied(platform)) === 4 ? true : undefined));

  const { code, said } = await closeLedger(platform, startedAtMs);
  const minute = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d`;
  expect(said).toMatch(
    new RegExp(
      `^lost before enrich: request \\S+ of ${minute} has 1 of its 2 envelopes in raw/`,
      'm',
    ),
  );
  expect(said).toMatch(
    new RegExp(
      `^lost in enrich: request \\S+ of ${minute}, part 0 of main#ann, events lost-in-enrich$`,
      'm',
    ),
  );
  expect(said).toMatch(
    new RegExp(
      `^ {2}lost in aggregate: request \\S+, part 0 of main#bob, event lost-in-aggregate, arrived ${minute}$`,
      'm',
    ),
  );
  expect(said).toMatch(
    /^ {2}1 more, which their users have counted: not counted by tally \(yet\), or lost in it$/m,
  );
  // Nobody else is accused.
  expect(said).not.toMatch(/kept-|counted-by-tom|not read by aggregate|and not in raw/);
  expect(said).toMatch(/^NOT CLOSED: /m);
  expect(code).toBe(1);
}, 120_000);
