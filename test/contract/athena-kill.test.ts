/** kill -9 during queries: what was answered is there, what ran has failed, and the rest goes on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { filesUnder } from '../../localstack/services/athena/objects.ts';
import { temporaryFolder } from '../support/served.ts';
import { athenaClients, athenaWorld } from './athena-world.ts';

const startChild = async (
  dataDir: string,
): Promise<{ readonly child: ChildProcess; readonly url: string }> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'athena-child.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: chunk.toString().trim() };
};

const LIVES = 3;

test('nothing that was answered is lost; a query under way is FAILED after the restart', async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const kept: string[] = [];
  const cut: string[] = [];
  for (let life = 0; life < LIVES; life += 1) {
    const { child, url } = await startChild(folder.path);
    const { start, run } = athenaClients(url);
    for (let each = 0; each < 3; each += 1) {
      const id = `${life}-${each}`;
      const { Status } = await run(`INSERT INTO events VALUES ('2026-11-20', '${id}', 1)`);
      if (Status?.State === 'SUCCEEDED') kept.push(id);
    }
    cut.push(
      await start(
        'SELECT count(*) AS n FROM UNNEST(sequence(1, 4000)) AS a(x) CROSS JOIN UNNEST(sequence(1, 4000)) AS b(y) CROSS JOIN UNNEST(sequence(1, 4000)) AS c(z) WHERE a.x + b.y = c.z',
      ),
      await start("INSERT INTO events VALUES ('2026-11-20', 'never', 1)"),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const world = await athenaWorld(folder.path);
  onTestFinished(world.close);
  expect(kept).toHaveLength(9);
  expect(await world.rows('SELECT event_id FROM events ORDER BY 1')).toEqual(
    kept.map((id) => [id]),
  );
  for (const id of cut) {
    const { Status } = await world.settled(id);
    expect(Status?.State).toBe('FAILED');
    expect(Status?.StateChangeReason).toContain('the local cloud stopped');
    expect(Status?.AthenaError?.Retryable).toBe(true);
  }
}, 60_000);

test('an UNLOAD that was cut off goes on for whoever waits for it by its token, and for nobody else', async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const [to, token] = ['s3://lake/nightly/cut/1/', 'token-of-at-least-32-characters-001'];
  const sql = `UNLOAD (SELECT n FROM UNNEST(sequence(1, 3000)) AS t(n)) TO '${to}' WITH (format = 'JSON', compression = 'GZIP')`;
  const first = await athenaWorld(folder.path);
  const id = await first.start(sql, { ClientRequestToken: token });
  expect((await first.settled(id)).Status?.State).toBe('SUCCEEDED');
  await first.close();
  // As a kill leaves it after the objects and before the note of its end.
  const note = join(folder.path, 'lake', 'executions', `${id}.json`);
  const { completedAtMs, ...under } = JSON.parse(readFileSync(note, 'utf8'));
  writeFileSync(note, JSON.stringify({ ...under, state: 'RUNNING' }));

  const world = await athenaWorld(folder.path);
  onTestFinished(world.close);
  expect((await world.settled(id)).Status?.State).toBe('FAILED');
  expect((await world.run(sql)).Status?.StateChangeReason).toContain('HIVE_PATH_ALREADY_EXISTS');
  expect(await world.start(sql, { ClientRequestToken: token })).toBe(id);
  expect((await world.settled(id)).Status?.State).toBe('SUCCEEDED');
  const lines = filesUnder(join(world.s3.objectFolder('lake'), 'nightly/cut/1')).flatMap(
    ({ path }) => gunzipSync(readFileSync(path)).toString('utf8').split('\n').filter(Boolean),
  );
  expect(lines).toHaveLength(3_000);
  expect(new Set(lines).size).toBe(3_000);
  // It has an end now: the same token begins nothing.
  expect(await world.start(sql, { ClientRequestToken: token })).toBe(id);
  expect((await world.settled(id)).Status?.State).toBe('SUCCEEDED');
}, 60_000);
