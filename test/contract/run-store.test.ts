/** What the nightly job may expect of its store: in memory and over DynamoDB alike. */
import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoRunStore } from '../../functions/adapters/dynamo-run-store.ts';
import { memoryRunStore } from '../../functions/adapters/memory-run-store.ts';
import { type LoadedRun, newRun, type Run } from '../../functions/core/nightly/run.ts';
import { epochMs } from '../../functions/core/time.ts';
import type { RunStore } from '../../functions/ports/run-store.ts';
import { startDynamo, TABLE } from '../support/dynamo.ts';
import { stillClock, temporaryFolder } from '../support/served.ts';

const NOW = epochMs(Date.parse('2026-11-24T02:00:00.000Z'));
const A = { runId: '1795500000000-000a', attempt: 1, versions: ['v1'] };
const B = { runId: '1795500000001-000b', attempt: 1, versions: [] };

type World = Awaited<ReturnType<typeof startDynamo>>;
const worlds: World[] = [];
const folders = [temporaryFolder()];

beforeAll(async () => {
  const [folder] = folders;
  const world = await startDynamo({ dataDir: folder?.path ?? '', clock: stillClock(NOW) });
  worlds.push(world);
});
afterAll(async () => {
  for (const world of worlds) await world.stop();
  for (const folder of folders) folder.remove();
});

/** Its rows have fixed keys: what the test before left is taken away. */
const overDynamo = async (): Promise<RunStore> => {
  const [world] = worlds;
  if (world === undefined) throw new Error('no world');
  const { Items = [] } = await world.client.send(new ScanCommand({ TableName: TABLE }));
  for (const { pk, sk } of Items) {
    if (pk === undefined || sk === undefined) continue;
    await world.client.send(new DeleteItemCommand({ TableName: TABLE, Key: { pk, sk } }));
  }
  return dynamoRunStore(world.client, TABLE);
};

const loaded = (runId: string, more: Partial<LoadedRun> = {}): LoadedRun => ({
  ...{ runId, cut: '2026-11-24', filled: ['v1', 'v2'], firstDay: '2026-11-01' },
  nights: [{ rows: 1, users: 2, totals: { v1: '9007199254740993' }, allUsers: true }],
  ...more,
});

describe.each([
  ['memory', async () => memoryRunStore()],
  ['dynamodb', overDynamo],
] as const)('%s', (_, made) => {
  let store: RunStore;
  beforeEach(async () => {
    store = await made();
  });

  test('there is one flight, and it is taken by one', async () => {
    expect(await store.flight()).toBeUndefined();
    expect(await store.takeFlight({ input: A, takenAt: NOW })).toBe('taken');
    expect(await store.takeFlight({ input: B, takenAt: NOW })).toBe('lost');
    expect(await store.flight()).toEqual({ input: A, takenAt: NOW });
  });

  test('it is taken over from the very attempt that holds it, by one', async () => {
    await store.takeFlight({ input: A, takenAt: NOW });
    expect(await store.takeFlight({ input: B, takenAt: NOW }, { ...A, attempt: 2 })).toBe('lost');
    expect(await store.takeFlight({ input: B, takenAt: NOW }, A)).toBe('taken');
    expect(await store.takeFlight({ input: B, takenAt: NOW }, A)).toBe('lost');
    expect((await store.flight())?.input).toEqual(B);
  });

  test('only its holder gives it back', async () => {
    await store.giveBack(A);
    await store.takeFlight({ input: A, takenAt: NOW });
    await store.giveBack(B);
    await store.giveBack({ ...A, attempt: 2 });
    expect((await store.flight())?.input).toEqual(A);
    await store.giveBack(A);
    expect(await store.flight()).toBeUndefined();
    expect(await store.takeFlight({ input: B, takenAt: NOW }, A)).toBe('lost');
  });

  test('a run is begun once for each attempt', async () => {
    expect(await store.find(A.runId)).toBeUndefined();
    const run = newRun(A, false, NOW);
    await store.begin(run);
    expect(await store.find(A.runId)).toEqual(run);
    await store.begin({ ...run, step: 'again' });
    expect(await store.find(A.runId)).toEqual(run);
    const second = newRun({ ...A, attempt: 2 }, true, NOW);
    await store.begin(second);
    await store.begin(run);
    expect(await store.find(A.runId)).toEqual(second);
  });

  test('what a run says of itself is kept until it has ended, and only its own attempt is heard', async () => {
    await store.change(A, { step: 'nowhere' });
    expect(await store.find(A.runId)).toBeUndefined();
    const run = newRun(A, false, NOW);
    await store.begin(run);
    await store.change({ ...A, attempt: 2 }, { step: 'later' });
    const sizes = { rows: 5, users: 6, totals: { v1: '-7' } };
    await store.change(A, { step: 'guard', cut: '2026-11-24', sizes });
    const now: Run = { ...run, step: 'guard', cut: '2026-11-24', sizes };
    expect(await store.find(A.runId)).toEqual(now);
    const end = { status: 'failed', rows: 9, ended: NOW, error: 'Ü.' } as const;
    await store.change(A, end);
    await store.change(A, { status: 'succeeded', step: 'finish' });
    expect(await store.find(A.runId)).toEqual({ ...now, ...end });
  });

  test('runs are listed, the newest first', async () => {
    for (const input of [A, B]) await store.begin(newRun(input, false, NOW));
    const listed = await store.latest(5);
    expect(listed.map(({ runId }) => runId)).toEqual([B.runId, A.runId]);
    expect(await store.latest(1)).toHaveLength(1);
  });

  test('what an older run left never lies over what a newer one left', async () => {
    expect(await store.loaded()).toBeUndefined();
    expect(await store.saveLoaded(loaded(A.runId))).toBe('saved');
    expect(await store.saveLoaded(loaded(A.runId, { cut: '2026-11-25' }))).toBe('saved');
    expect(await store.saveLoaded(loaded(B.runId))).toBe('saved');
    expect(await store.saveLoaded(loaded(A.runId))).toBe('newer');
    expect(await store.loaded()).toEqual(loaded(B.runId));
  });

  test('the planned cut only goes forward', async () => {
    expect(await store.plannedCut()).toBeUndefined();
    await store.savePlannedCut('2026-11-24');
    await store.savePlannedCut('2026-11-23');
    expect(await store.plannedCut()).toBe('2026-11-24');
    await store.savePlannedCut('2026-12-01');
    expect(await store.plannedCut()).toBe('2026-12-01');
  });
});
