import { expect, test } from 'vitest';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import { redriveFailed } from '../../functions/admin/redrive-failed.ts';
import type { EventStream, StreamRecord } from '../../functions/ports/event-stream.ts';
import { redriving } from '../support/redriving.ts';

const view = (eventId: string, userId = 'u') => ({ eventId, userId, eventType: 'VIEW' });
const views = (count: number, name: string) =>
  Array.from({ length: count }, (_, n) => view(`${name}-${n}`));

/** One event of `u` that `enrich` or `aggregate` parks; the bug is mended then. */
const withParked = async (stage: 'enrich' | 'aggregate') => {
  const platform = redriving();
  platform.bugs[stage].add('cursed');
  await platform.send([view('before'), view('cursed'), view('after')]);
  await platform.deliver();
  platform.bugs[stage].clear();
  const [{ key } = { key: '' }] = await platform.list();
  return { ...platform, key };
};

test.each(['enrich', 'aggregate'] as const)(
  'an event parked by %s and redriven twice, with 500 other events between, counts once',
  async (stage) => {
    const platform = await withParked(stage);
    expect(platform.totals()).toEqual({ applied: 2, duplicate: 0, parked: 1 });
    expect(await platform.list()).toMatchObject([{ stage, reason: 'bug', outcomes: [] }]);

    const { redriven } = await platform.redrive({ keys: [platform.key] });
    expect(redriven).toMatchObject([{ status: 'sent', as: 'position', events: 1 }]);
    await platform.deliver();
    expect(platform.totals()).toEqual({ applied: 3, duplicate: 0, parked: 1 });
    expect(await platform.list()).toMatchObject([{ outcomes: ['applied'] }]);

    for (const name of ['x', 'y']) await platform.send(views(250, name));
    await platform.deliver();
    await platform.redrive({ keys: [platform.key] });
    await platform.deliver();
    expect(platform.totals()).toEqual({ applied: 503, duplicate: 1, parked: 1 });
    expect(await platform.list()).toMatchObject([{ outcomes: ['applied', 'duplicate'] }]);
  },
);

test('a redelivered redrive keeps the outcome of its first delivery', async () => {
  const platform = await withParked('enrich');
  await platform.redrive({ keys: [platform.key] });
  await platform.deliver();
  const before = new Map(platform.objects);
  await platform.deliver({ again: true });
  expect(platform.totals()).toEqual({ applied: 3, duplicate: 0, parked: 1 });
  expect(platform.objects).toEqual(before);
  expect(await platform.list()).toMatchObject([{ outcomes: ['applied'] }]);
});

test('where the answer of the save is lost, the outcome is not', async () => {
  const platform = await withParked('enrich');
  await platform.redrive({ keys: [platform.key] });
  platform.saves.thenFails = true;
  await platform.deliver();
  expect(platform.faults).toHaveLength(1);
  platform.saves.thenFails = false;
  await platform.deliver({ again: true });
  expect(platform.totals()).toEqual({ applied: 3, duplicate: 0, parked: 1 });
  expect(await platform.list()).toMatchObject([{ outcomes: ['applied'] }]);
});

test('parked again before it is mended, an event is still the same one, and counts once', async () => {
  const platform = await withParked('enrich');
  platform.bugs.enrich.add('cursed');
  await platform.redrive({ keys: [platform.key] });
  await platform.deliver();
  platform.bugs.enrich.clear();
  const parked = await platform.list();
  expect(parked.map(({ sentAt }) => sentAt !== undefined)).toEqual([true, false]);

  for (const [place, { key }] of parked.entries()) {
    await platform.redrive({ keys: [key] });
    await platform.deliver();
    await platform.send(views(250, `after-${place}`));
    await platform.deliver();
  }
  expect(platform.totals()).toMatchObject({ applied: 503, duplicate: 1, parked: 2 });
  expect(await platform.list()).toMatchObject([
    { outcomes: ['applied', 'duplicate'] },
    { outcomes: ['applied', 'duplicate'] },
  ]);
});

test('a copy that the client sent meanwhile makes the redrive a duplicate', async () => {
  const platform = await withParked('aggregate');
  await platform.send(view('cursed'));
  await platform.redrive({ keys: [platform.key] });
  await platform.deliver();
  expect(platform.totals()).toEqual({ applied: 3, duplicate: 1, parked: 1 });
  expect(await platform.list()).toMatchObject([{ outcomes: ['duplicate'] }]);
});

test('all is what was not sent before; a named key is sent again', async () => {
  const platform = await withParked('enrich');
  const statuses = async (ask: unknown) =>
    (await platform.redrive(ask)).redriven.map(({ status }) => status);
  expect(await statuses({ all: true, dryRun: true })).toEqual(['would_be_sent']);
  expect(platform.raw.records()).toHaveLength(1);
  expect(await statuses({ all: true })).toEqual(['sent']);
  expect(await statuses({ all: true })).toEqual(['sent_before']);
  expect(await statuses({ keys: [platform.key] })).toEqual(['sent']);
  expect(platform.raw.records()).toHaveLength(3);
});

test('what would fail again, and what is no JSON, is shown and not sent', async () => {
  const platform = redriving();
  await platform.raw.put([
    { partitionKey: 'main#u', data: '{"not json\n' },
    { partitionKey: 'main#u', data: '{"json":true}\n' },
  ]);
  await platform.deliver();
  const { redriven } = await platform.redrive({ all: true });
  expect(redriven.map(({ status, refused }) => [status, refused[0]?.why])).toEqual([
    ['refused', 'not_json'],
    ['refused', 'not_canonical'],
  ]);
  expect(platform.raw.records()).toHaveLength(2);
  const [{ key } = { key: '' }] = await platform.list('?reason=not_json');
  expect((await platform.show(key)).bytes).toMatchObject([
    { text: '{"not json', partitionKey: 'main#u' },
  ]);
});

test('the events of one user go one after the other, in the order in which they stood', async () => {
  const platform = redriving();
  const ids = Array.from({ length: 12 }, (_, n) => `cursed-${n}`);
  for (const id of ids) platform.bugs.enrich.add(id);
  await platform.send([...ids.map((id) => view(id)), view('cursed-0', 'other')]);
  await platform.deliver();

  let open = 0;
  const calls: string[][] = [];
  const stream: EventStream = {
    put: async (records) => {
      open += 1;
      expect(open).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      calls.push(records.map(({ data }) => JSON.parse(data).eventId));
      return records.map(() => 'stored');
    },
  };
  const wish = { scope: {}, dryRun: false, objectsMax: 100 };
  await redriveFailed({ ...platform.ports, stream }, wish);
  expect(calls[0]).toEqual(['cursed-0', 'cursed-0']);
  expect(calls.slice(1)).toEqual(ids.slice(1).map((id) => [id]));
});

test('what the stream does not take is not noted as sent', async () => {
  const platform = await withParked('enrich');
  const stream = memoryEventStream(() => true);
  const wish = { scope: {}, dryRun: false, objectsMax: 100 };
  const { redriven } = await redriveFailed({ ...platform.ports, stream }, wish);
  expect(redriven).toMatchObject([{ status: 'not_stored' }]);
  expect(await platform.list()).toMatchObject([{ outcomes: [] }]);
  expect((await platform.list())[0]).not.toHaveProperty('sentAt');
});

test('what collect rejected is judged anew, with the door and the time of its request', async () => {
  const platform = redriving();
  await platform.send(
    {
      sentAt: '2026-11-24T11:00:00Z',
      context: { device: 'mobile' },
      events: [
        { userId: 'u', eventId: 'named', event: 'Product Viewed' },
        { userId: 'u', eventId: 'nameless', timestamp: '2026-11-24T10:59:30Z' },
        { eventId: 'nobody', event: 'Product Viewed' },
      ],
    },
    '/events',
  );
  const [{ key } = { key: '' }] = await platform.list();
  const { redriven } = await platform.redrive({ keys: [key] });
  // Its rules have not changed, so nothing is sent.
  expect(redriven).toMatchObject([{ status: 'refused', as: 'new' }]);
  expect(redriven[0]?.refused.map(({ detail }) => detail.split(':')[0])).toEqual([
    'no_name',
    'no_user',
  ]);

  // As if the door had got a default name since.
  const kept = platform.objects.get(key) ?? '';
  const text = kept.replaceAll('"hints":{', '"hints":{"defaultName":"Product Viewed",');
  platform.objects.set(key, text);
  for (let pass = 1; pass <= 2; pass += 1) {
    const again = await platform.redrive({ keys: [key] });
    expect(again.redriven).toMatchObject([{ status: 'sent', events: 1 }]);
    expect(again.redriven[0]?.refused).toHaveLength(1);
  }
  await platform.deliver();
  expect(platform.totals()).toEqual({ applied: 2, duplicate: 1, parked: 0 });
  const event = JSON.parse(platform.raw.records()[1]?.data ?? '{}');
  expect(event).toMatchObject({
    eventId: 'nameless',
    name: 'Product Viewed',
    // Half a minute before it was sent, by the client's clock, which was an hour late.
    timestamp: '2026-11-24T11:59:30.000Z',
    receivedAt: '2026-11-24T12:00:00.000Z',
    ingest: { path: '/events', protocol: '000' },
  });
  expect(event.ingest).not.toHaveProperty('redrive');
});

test('a rejected event without an id counts once, however often it is sent on', async () => {
  const platform = redriving();
  await platform.send({ userId: 'u' });
  const [{ key } = { key: '' }] = await platform.list();
  const kept = platform.objects.get(key) ?? '';
  platform.objects.set(key, kept.replace('"hints":{', '"hints":{"defaultName":"Product Viewed",'));
  await platform.redrive({ keys: [key] });
  // More requests than the batch memory holds, and fewer events than the ring.
  for (const event of views(40, 'between')) await platform.send(event);
  for (let pass = 1; pass <= 2; pass += 1) await platform.redrive({ keys: [key] });
  await platform.deliver();
  expect(platform.totals()).toEqual({ applied: 41, duplicate: 2, parked: 0 });
});

/** What Lambda keeps of a batch that it gave up on. */
const discardedBatch = (records: readonly StreamRecord[]): string =>
  JSON.stringify({
    requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 3 },
    version: '1.0',
    timestamp: '2026-11-24T12:00:00.000Z',
    KinesisBatchInfo: { shardId: 'shardId-000000000000' },
    payload: JSON.stringify({
      Records: records.map(({ partitionKey, data }) => ({
        kinesis: { partitionKey, data: Buffer.from(data).toString('base64') },
      })),
    }),
  });
const DISCARDED = 'aws/lambda/uuid/shardId-000000000000/2026/11/24/2026-11-24T12.00.00-x';

test('what a mapping of enrich gave up on is sent as it was, and counts once', async () => {
  const platform = redriving();
  await platform.send([view('a'), view('b')]);
  platform.objects.set(DISCARDED, discardedBatch(platform.raw.records()));
  const ask = { keys: [DISCARDED] };
  expect((await platform.redrive(ask)).redriven).toMatchObject([
    { stage: 'discarded', status: 'sent', as: 'copy', events: 2 },
  ]);
  const [first, copy] = platform.raw.records();
  expect(copy).toEqual(first);
  await platform.deliver();
  expect(platform.totals()).toEqual({ applied: 2, duplicate: 2, parked: 0 });
});

test('what a mapping of aggregate gave up on goes through enrich again, with what was parked', async () => {
  const platform = redriving();
  platform.bugs.enrich.add('cursed');
  await platform.send([view('a'), view('cursed'), view('b')]);
  await platform.send(view('c'));
  await platform.deliver({ enrichOnly: true });
  platform.objects.set(DISCARDED, discardedBatch(platform.enriched.records()));
  platform.forgetEnriched();
  platform.bugs.enrich.clear();

  expect((await platform.redrive({ all: true, discarded: true })).redriven).toMatchObject([
    { status: 'sent', as: 'copy', events: 4 },
  ]);
  await platform.deliver();
  expect(platform.totals()).toEqual({ applied: 4, duplicate: 0, parked: 0 });
  const copies = platform.raw.records().slice(2);
  const originals = platform.raw.records().slice(0, 2);
  expect(copies.map(({ data }) => data)).toEqual(originals.map(({ data }) => data));

  // Once more is once too often, and known as such.
  await platform.redrive({ keys: [DISCARDED] });
  await platform.deliver();
  expect(platform.totals()).toEqual({ applied: 4, duplicate: 4, parked: 0 });
});

test('changes of a table, and batches without their records, are for people to look at', async () => {
  const platform = redriving();
  platform.objects.set(
    DISCARDED,
    JSON.stringify({
      requestContext: { condition: 'x' },
      timestamp: '2026-11-24T12:00:00.000Z',
      DDBStreamBatchInfo: {},
      payload: '{"Records":[]}',
    }),
  );
  const wish = { scope: { discarded: true }, dryRun: false, objectsMax: 100 };
  const { redriven } = await redriveFailed(platform.ports, wish);
  expect(redriven).toMatchObject([{ status: 'refused', refused: [{ why: 'unreadable' }] }]);
});

test('envelopes that waited for an unreadable profile are sent whole, whichever line is named', async () => {
  const platform = redriving();
  const unreadable = { unreadable: 'it is broken' };
  platform.profiles.profiles.set('main#u', unreadable);
  platform.bugs.enrich.add('cursed');
  await platform.send([view('a'), view('cursed'), view('b')]);
  await platform.deliver();
  platform.bugs.enrich.clear();
  const waiting = await platform.list('?stage=state');
  expect(waiting).toHaveLength(3);
  expect(platform.totals()).toEqual({ applied: 0, duplicate: 0, parked: 0 });

  platform.profiles.profiles.delete('main#u');
  await platform.redrive({ keys: [waiting[2]?.key ?? ''] });
  await platform.deliver();
  expect(platform.totals()).toEqual({ applied: 3, duplicate: 0, parked: 0 });
  const { redriven } = await platform.redrive({ all: true, stage: 'state' });
  expect(redriven.map(({ status }) => status)).toEqual([
    'sent_before',
    'sent_before',
    'sent_before',
  ]);
});

test('a page ends where it is told to, and the cursor goes on after it', async () => {
  const platform = redriving();
  const ids = Array.from({ length: 7 }, (_, n) => `cursed-${n}`);
  for (const id of ids) platform.bugs.enrich.add(id);
  await platform.send(ids.map((id) => view(id)));
  await platform.deliver();
  platform.bugs.enrich.clear();
  const sent: number[] = [];
  let cursor: string | undefined;
  do {
    const answer = await platform.redrive({ all: true, limit: 3, ...(cursor && { cursor }) });
    sent.push(answer.redriven.filter(({ status }) => status === 'sent').length);
    cursor = answer.cursor;
  } while (cursor !== undefined);
  expect(sent).toEqual([3, 3, 1]);
  await platform.deliver();
  expect(platform.totals()).toEqual({ applied: 7, duplicate: 0, parked: 7 });
});

test('of more parked events than a profile remembers each counts, and none twice', async () => {
  const platform = redriving();
  const ids = Array.from({ length: 12 }, (_, n) => `cursed-${n}`);
  for (const id of ids) platform.bugs.enrich.add(id);
  await platform.send([view('good'), ...ids.map((id) => view(id))]);
  await platform.deliver();
  platform.bugs.enrich.clear();
  const keys = (await platform.list()).map(({ key }) => key);
  await platform.redrive({ keys });
  await platform.deliver();
  expect(platform.totals()).toEqual({ applied: 13, duplicate: 0, parked: 12 });
  // More events than the ring holds: the forgotten four are known by their batches.
  await platform.send(views(200, 'between'));
  await platform.redrive({ keys });
  await platform.deliver();
  expect(platform.totals()).toEqual({ applied: 213, duplicate: 12, parked: 12 });
});
