import { expect, test } from 'vitest';
import type { LoadedRun } from '../../functions/core/nightly/run.ts';
import type { NightPlan, Verdict } from '../../functions/core/nightly/tasks.ts';
import { epochMs } from '../../functions/core/time.ts';
import { startRun } from '../../functions/nightly/start-run.ts';
import { type Nights, nights, sizeRows } from '../support/nights.ts';

const planned = async (world: Nights, versions: readonly string[] = []) => {
  const { runId } = await startRun(world.ports, versions);
  const run = { runId, attempt: 1, versions };
  return (await world.serve({ task: 'plan', step: 'plan', ...run })) as NightPlan;
};

const night = async (world: Nights, sizes = sizeRows(10, 200, { a: '1000', b: '0' })) => {
  const plan = await planned(world);
  world.results.set('q', sizes);
  const said = (await world.serve({ task: 'guard', plan, queryExecutionId: 'q' })) as Verdict;
  return { plan, said };
};

const finish = async (world: Nights, plan: NightPlan, through: string | null = plan.cut) => {
  const loaded = [
    { rows: 6, newer: 0 },
    { rows: 4, newer: 1 },
  ];
  await world.serve({ task: 'finish', step: 'finish', plan, loaded, lists: { through } });
  world.machine.end(`${plan.runId}-${plan.attempt}`);
};

test('a night from its plan to its end: the next one begins at its cut', async () => {
  const world = nights();
  const { plan, said } = await night(world);
  expect(plan).toMatchObject({ cut: '2026-11-24', watermark: null, versions: ['a', 'b'] });
  expect(said).toEqual({ verdict: 'load', because: '' });
  await finish(world, plan);
  expect(await world.runs.find(plan.runId)).toMatchObject({
    status: 'succeeded',
    step: 'finish',
    rows: 10,
    cut: '2026-11-24',
    ended: world.clock.nowMs,
  });
  expect(await world.runs.flight()).toBeUndefined();
  world.clock.nowMs += 86_400_000;
  expect(await planned(world)).toMatchObject({
    watermark: '2026-11-24',
    cut: '2026-11-25',
    allUsers: false,
    firstDay: plan.firstDay,
  });
});

test('the end of a night, twice, is one end', async () => {
  const world = nights();
  const { plan } = await night(world);
  await finish(world, plan);
  const before = [await world.runs.loaded(), await world.runs.find(plan.runId)];
  world.clock.nowMs += 5_000;
  await finish(world, plan);
  expect([await world.runs.loaded(), await world.runs.find(plan.runId)]).toEqual(before);
  expect((before[0] as LoadedRun).nights).toHaveLength(1);
});

test('an older run never overwrites what a newer one left', async () => {
  const world = nights();
  const { plan } = await night(world);
  const newer = {
    runId: '9999999999999-0000',
    cut: '2026-12-01',
    filled: [],
    firstDay: '2026-11-20',
    nights: [],
  };
  await world.runs.saveLoaded(newer);
  await finish(world, plan);
  expect(await world.runs.loaded()).toEqual(newer);
});

test('a zombie of an attempt that was taken over changes nothing', async () => {
  const world = nights();
  const { plan } = await night(world);
  world.machine.end(`${plan.runId}-1`);
  world.clock.nowMs += 1_000;
  const next = await planned(world);
  await world.serve({ task: 'fail', runId: plan.runId, attempt: 1, error: { Error: 'Late' } });
  expect((await world.runs.flight())?.input.runId).toBe(next.runId);
  expect(await world.runs.find(next.runId)).toMatchObject({ status: 'running' });
});

test('a run that failed says why, and gives the flight back', async () => {
  const world = nights();
  const plan = await planned(world);
  const Cause = JSON.stringify({
    errorType: 'LinesUnread',
    errorMessage: '2 of 9 lines',
    trace: [],
  });
  await world.serve({
    task: 'fail',
    runId: plan.runId,
    attempt: 1,
    error: { Error: 'LinesUnread', Cause },
  });
  expect(await world.runs.find(plan.runId)).toMatchObject({
    status: 'failed',
    error: 'LinesUnread: 2 of 9 lines',
  });
  expect(await world.runs.flight()).toBeUndefined();
  expect(world.counts.get('NightFailed')).toBe(1);
  expect(await world.runs.loaded()).toBeUndefined();
});

test('each step that names itself is the run’s step', async () => {
  const world = nights();
  const plan = await planned(world);
  expect(await world.runs.find(plan.runId)).toMatchObject({ step: 'plan' });
  const printed = await world.serve({
    task: 'print',
    step: 'curate',
    plan,
    statement: { kind: 'curate', day: '2026-11-24' },
  });
  expect(printed).toEqual({ sql: '-- {"kind":"curate","day":"2026-11-24"}' });
  expect(await world.runs.find(plan.runId)).toMatchObject({ step: 'curate' });
});

test('the guard shows a person what looks broken, and lets an accepted run through', async () => {
  const world = nights();
  const { plan: first } = await night(world);
  await finish(world, first);
  world.clock.nowMs += 86_400_000;
  const { plan, said } = await night(world, sizeRows(10, 200, { a: '799', b: '0' }));
  expect(said).toEqual({
    verdict: 'refuse',
    because: 'The total of tag a was 1000 and is 799 now.',
  });
  await world.serve({ task: 'refuse', runId: plan.runId, attempt: 1, because: said.because });
  expect(await world.runs.find(plan.runId)).toMatchObject({
    status: 'refused',
    error: said.because,
  });
  expect(await world.runs.flight()).toBeUndefined();
  expect((await world.runs.loaded())?.runId).toBe(first.runId);

  await world.runs.begin({
    ...{ runId: plan.runId, attempt: 2, versions: [], accepted: true },
    ...{ status: 'running', step: 'start', rows: 0, started: epochMs(0) },
    ...{ ended: undefined, cut: undefined, error: undefined, sizes: undefined },
  });
  const again = { ...plan, attempt: 2 };
  expect(await world.serve({ task: 'guard', plan: again, queryExecutionId: 'q' })).toEqual({
    verdict: 'load',
    because: '',
  });
});

test('a cut that a failed run had planned with is never left behind', async () => {
  const world = nights();
  const failed = await planned(world);
  await world.serve({ task: 'fail', runId: failed.runId, attempt: 1, error: {} });
  world.clock.nowMs += 3_600_000;
  // Nobody knows how far the pipeline is, and everything is on its way.
  const since = epochMs(Date.parse('2026-11-23T03:00:00.000Z'));
  world.lake.lags = { ...world.lake.lags, incoming: [{ at: since, value: 1 }] };
  expect(await planned(world)).toMatchObject({ cut: failed.cut, watermark: null });
  expect(world.counts.get('LagUnknown')).toBe(3);
});

test('a backfill of a version that the config does not have fails with a sentence', async () => {
  const world = nights();
  await finish(world, (await night(world)).plan);
  world.clock.nowMs += 1_000;
  await expect(planned(world, ['x'])).rejects.toThrow(/no lake tag of version x/);
});

test('readers are pointed to a run’s lists, each tenant’s, and never back', async () => {
  const world = nights();
  const { plan } = await night(world);
  world.results.set('tenants', [{ tenant: 'main' }, { tenant: 'other' }]);
  const point = { task: 'point', plan, queryExecutionId: 'tenants' } as const;
  expect(await world.serve(point)).toEqual({ through: plan.cut });
  const pointer = { version: plan.runId, cut: plan.cut };
  expect(await world.lists.pointer('main')).toEqual(pointer);
  expect(await world.lists.pointer('other')).toEqual(pointer);
  const older = { ...plan, runId: '1000000000000-0000' };
  await world.serve({ ...point, plan: older });
  expect(await world.lists.pointer('main')).toEqual(pointer);
  expect(world.counts.get('ListsNewer')).toBe(2);
});

test('a run whose lists were not made ends well and says so; the next one learns the same days', async () => {
  const world = nights();
  const { plan } = await night(world);
  await finish(world, plan);
  world.clock.nowMs += 86_400_000;
  const { plan: second } = await night(world);
  const told = { runId: second.runId, attempt: 1, error: { Error: 'Broken', Cause: 'no rows' } };
  expect(await world.serve({ task: 'unlisted', ...told })).toEqual({ through: null });
  await finish(world, second, null);
  expect(await world.runs.find(second.runId)).toMatchObject({
    status: 'succeeded',
    error: 'The tags are loaded, the lists of items are not: Broken: no rows',
  });
  expect((await world.runs.loaded())?.listed).toBe(plan.cut);
  world.clock.nowMs += 86_400_000;
  const third = await planned(world);
  expect(third.days[0]).toBe('2026-11-23');
  expect(third.learnDays[0]).toBe('2026-11-22');
});
