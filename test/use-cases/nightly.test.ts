import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memoryKeyStore } from '../../functions/adapters/memory-key-store.ts';
import { openApi } from '../../functions/collect/open-api.ts';
import { matchRoute } from '../../functions/collect/routes.ts';
import { executionName } from '../../functions/core/nightly/run.ts';
import { nightly } from '../../functions/nightly/nightly.ts';
import { acceptRun, findRun, startRun } from '../../functions/nightly/start-run.ts';
import { authorize } from '../../functions/runtime/authorize.ts';
import { httpRequest, KEYS, keyRows } from '../support/collecting.ts';
import { type Nights, nights } from '../support/nights.ts';

const doors = (world: Nights) => {
  const serve = nightly({ ...world.ports, authorize: authorize(memoryKeyStore(keyRows())) });
  return async (method: string, path: string, key: string = KEYS.operator, body = '') => {
    const answer = await serve(
      httpRequest({
        method,
        path,
        pathParameters: { jobId: path.split('/')[3] ?? '' },
        headers: { ...(key !== '' && { authorization: `Bearer ${key}` }) },
        body: new TextEncoder().encode(body),
      }),
    );
    return { status: answer.statusCode, body: JSON.parse(answer.body), headers: answer.headers };
  };
};

const table = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
  .split('<!-- job: begin -->')[1]
  ?.split('<!-- job: end -->')[0];
const cases = [
  ...(table ?? '').matchAll(/^\| `(GET|POST) (\S+) ?(.*)` \| (\w+) \| (\d+) \| (\w*) ?\|$/gm),
].map(([, method = '', path = '', body = '', key = '', status = '', code = '']) => ({
  ...{ method, path, body, key, code },
  status: Number(status),
}));

test('docs/api.md says how those who start the job are answered', () => {
  const rows = (table ?? '').split('\n').filter((row) => row.startsWith('| `'));
  expect(cases.length).toBe(rows.length);
  expect(cases.length).toBeGreaterThan(8);
});

test.each(cases)('$method $path $body with key $key is answered $status $code', async (one) => {
  const world = nights();
  const { runId } = await startRun(world.ports);
  const path = one.path.replace('{jobId}', runId);
  const key = KEYS[one.key as keyof typeof KEYS] ?? '';
  const answer = await doors(world)(one.method, path, key, one.body);
  expect(answer.status).toBe(one.status);
  expect(answer.body.code ?? '').toBe(one.code);
});

test('the OpenAPI document has both routes', () => {
  const { paths } = openApi();
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['/collect/batch', '/collect/batch/{jobId}']),
  );
});

test('a job is started, told of, and given the same id for as long as it runs', async () => {
  const world = nights();
  const ask = doors(world);
  const first = await ask('POST', '/collect/batch');
  expect(first).toMatchObject({ status: 202, body: { status: 'running' } });
  const { jobId } = first.body;
  expect(jobId).toMatch(/^\d{13}-[0-9a-f]{4}$/);
  expect((await ask('POST', '/collect/batch', KEYS.server)).body.jobId).toBe(jobId);
  expect((await ask('GET', `/collect/batch/${jobId}`)).body).toEqual({
    jobId,
    status: 'running',
    step: 'start',
    rows: 0,
    started: '2026-11-24T02:00:00.000Z',
    ended: null,
    cut: null,
    error: null,
  });
  expect([...world.machine.executions.keys()]).toEqual([`${jobId}-1`]);
  expect(world.machine.executions.get(`${jobId}-1`)?.input).toEqual({
    runId: jobId,
    attempt: 1,
    versions: [],
  });
});

test('two triggers at once start one run', async () => {
  const world = nights();
  const both = await Promise.all([startRun(world.ports), startRun(world.ports)]);
  expect(both[0].runId).toBe(both[1].runId);
  expect(both.map(({ kind }) => kind).sort()).toEqual(['running', 'started']);
  expect(world.machine.executions.size).toBe(1);
});

test('a holder whose execution is dead is taken over, and its run is told to have failed', async () => {
  const world = nights();
  const { runId } = await startRun(world.ports);
  world.machine.end(`${runId}-1`);
  world.clock.nowMs += 1_000;
  const next = await startRun(world.ports);
  expect(next).toMatchObject({ kind: 'started' });
  expect(next.runId > runId).toBe(true);
  expect(await world.runs.find(runId)).toMatchObject({ status: 'failed' });
  expect((await world.runs.flight())?.input.runId).toBe(next.runId);
});

test('a run that a dead caller only wanted is begun by the next one', async () => {
  const world = nights();
  const input = { runId: '1795500000000-ab12', attempt: 1, versions: ['a'] };
  await world.runs.takeFlight({ input, takenAt: world.clock.nowMs as never });
  expect(await startRun(world.ports)).toEqual({ kind: 'running', runId: input.runId });
  expect(world.machine.executions.get(executionName(input))?.input).toEqual(input);
  expect(await world.runs.find(input.runId)).toMatchObject({ status: 'running', versions: ['a'] });
});

test('a start whose answer was lost is repeated, and is one start', async () => {
  const world = nights();
  let lost = 0;
  const machine = {
    ...world.machine,
    stateOf: world.machine.stateOf,
    start: async (...wanted: Parameters<typeof world.machine.start>) => {
      const answer = await world.machine.start(...wanted);
      lost += 1;
      if (lost === 1) throw new Error('no answer');
      return answer;
    },
  };
  await expect(startRun({ ...world.ports, machine })).rejects.toThrow('no answer');
  const again = await startRun({ ...world.ports, machine });
  expect([...world.machine.executions.keys()]).toEqual([`${again.runId}-1`]);
});

test('a run whose execution is gone is not told to be running', async () => {
  const world = nights();
  const { runId } = await startRun(world.ports);
  world.machine.end(`${runId}-1`);
  expect(await findRun(world.ports, runId)).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('without a word'),
  });
});

test('only a refused run is accepted, by a new attempt, and only until a newer one is loaded', async () => {
  const world = nights();
  const { runId } = await startRun(world.ports, ['a']);
  expect(await acceptRun(world.ports, runId)).toMatchObject({ kind: 'refused' });
  expect(await acceptRun(world.ports, '1795500000000-ffff')).toMatchObject({ kind: 'refused' });
  await world.serve({ task: 'refuse', runId, attempt: 1, because: 'Too many.' });
  world.machine.end(`${runId}-1`);
  expect(await acceptRun(world.ports, runId)).toEqual({ kind: 'started', runId });
  expect(world.machine.executions.get(`${runId}-2`)?.input).toEqual({
    runId,
    attempt: 2,
    versions: ['a'],
  });
  expect(await world.runs.find(runId)).toMatchObject({
    attempt: 2,
    accepted: true,
    status: 'running',
  });

  await world.serve({ task: 'refuse', runId, attempt: 2, because: 'Still.' });
  await world.runs.saveLoaded({
    runId: '9999999999999-0000',
    cut: '2026-11-24',
    filled: [],
    firstDay: '2026-11-20',
    nights: [],
  });
  expect(await acceptRun(world.ports, runId)).toMatchObject({
    kind: 'refused',
    because: expect.stringContaining('newer'),
  });
});

test('a wrong method is told the right one', () => {
  expect(matchRoute('GET', '/collect/batch')).toEqual({ methods: ['POST'] });
  expect(matchRoute('POST', '/collect/batch/1795500000000-ffff/')).toEqual({ methods: ['GET'] });
});
