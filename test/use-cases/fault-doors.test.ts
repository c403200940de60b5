import { expect, test } from 'vitest';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import { memoryFailedStore } from '../../functions/adapters/memory-failed-store.ts';
import { memorySpillQueue } from '../../functions/adapters/memory-spill-queue.ts';
import { lookupTables } from '../../functions/core/enrichment/lookup-tables.ts';
import { enrich } from '../../functions/enrich/enrich.ts';
import {
  DOOR_EVENTS_MAX,
  type FaultDoor,
  readFaultDoor,
} from '../../functions/runtime/fault-door.ts';
import { FaultDoorOpen, faultDoors, openFaultDoors } from '../../functions/runtime/fault-doors.ts';
import { localEndpoint } from '../../functions/runtime/local-endpoint.ts';
import { aggregating, recordsOf } from '../support/aggregating.ts';
import { collecting, httpRequest } from '../support/collecting.ts';
import {
  definitions,
  kinesisEvent,
  NOW,
  requestOf,
  sentEvent,
  USER,
} from '../support/enriched-lines.ts';

const UNTIL = NOW + 10_000;

const doorsOf = (door: Partial<FaultDoor>) => {
  const clock = { ms: NOW as number };
  let row: FaultDoor | undefined = { until: UNTIL, events: [], ports: {}, ...door };
  let reads = 0;
  const doors = openFaultDoors({
    read: () => {
      reads += 1;
      return Promise.resolve(row);
    },
    now: () => clock.ms,
    sleep: async (ms) => {
      clock.ms += ms;
    },
  });
  return {
    doors,
    clock,
    reads: () => reads,
    clear: () => {
      row = undefined;
    },
  };
};

const records = [
  { partitionKey: 'main#a', data: 'a\n' },
  { partitionKey: 'main#b', data: 'b\n' },
];

test('a stream fails, or throttles each record, until the door shuts', async () => {
  const failing = doorsOf({ ports: { stream: { kind: 'fail' } } });
  const stream = failing.doors.stream(memoryEventStream());
  await expect(stream.put(records)).rejects.toThrow(FaultDoorOpen);
  failing.clock.ms = UNTIL;
  expect(await stream.put(records)).toEqual(['stored', 'stored']);

  const throttling = doorsOf({ ports: { stream: { kind: 'throttle' } } });
  const memory = memoryEventStream();
  const throttled = throttling.doors.stream(memory);
  expect(await throttled.put(records)).toEqual(['failed', 'failed']);
  expect(memory.records()).toEqual([]);
  throttling.clock.ms = UNTIL;
  expect(await throttled.put(records)).toEqual(['stored', 'stored']);
});

test('a slow port does its work late, until the door shuts', async () => {
  const { doors, clock } = doorsOf({ ports: { stream: { kind: 'slow', ms: 700 } } });
  const stream = doors.stream(memoryEventStream());
  expect(await stream.put(records)).toEqual(['stored', 'stored']);
  expect(clock.ms).toBe(NOW + 700);
  clock.ms = UNTIL;
  await stream.put(records);
  expect(clock.ms).toBe(UNTIL);
});

test('a spill queue fails as its port says, without a throw, until the door shuts', async () => {
  const { doors, clock } = doorsOf({ ports: { spill: { kind: 'fail' } } });
  const queue = memorySpillQueue();
  const spill = doors.spill(queue);
  const { outcomes, fault } = await spill.spill(records);
  expect(outcomes).toEqual(['failed', 'failed']);
  expect(fault).toBeInstanceOf(FaultDoorOpen);
  expect(queue.messages()).toEqual([]);
  clock.ms = UNTIL;
  expect((await spill.spill(records)).outcomes).toEqual(['spilled', 'spilled']);
});

test.each(['profiles', 'records', 'cache', 'failed'] as const)(
  'every call of %s throws until the door shuts, and no other port does',
  async (name) => {
    const { doors, clock } = doorsOf({ ports: { [name]: { kind: 'throttle' } } });
    const calls = { read: (key: string) => Promise.resolve(`value of ${key}`) };
    const port = doors.port(name, calls);
    await expect(port.read('k')).rejects.toThrow(FaultDoorOpen);
    const other = doors.port(name === 'cache' ? 'failed' : 'cache', calls);
    expect(await other.read('k')).toBe('value of k');
    clock.ms = UNTIL;
    expect(await port.read('k')).toBe('value of k');
  },
);

test('a row is read at most twice a second, and a cleared one is forgotten within it', async () => {
  const { doors, clock, reads, clear } = doorsOf({ ports: { cache: { kind: 'fail' } } });
  const port = doors.port('cache', { read: () => Promise.resolve('value') });
  for (let call = 0; call < 50; call += 1) await expect(port.read()).rejects.toThrow();
  expect(reads()).toBe(1);
  clear();
  clock.ms += 1_000;
  expect(await port.read()).toBe('value');
});

test('collect answers 202 over the spill queue, and 503 only where both doors are open', async () => {
  const sent = { eventId: 'e1', userId: 'u', event: 'Product Viewed' };
  const answerOf = async (ports: FaultDoor['ports']) => {
    const { doors, clock } = doorsOf({ ports });
    const stream = memoryEventStream();
    const spill = memorySpillQueue();
    const { serve } = collecting({
      stream: { ...stream, ...doors.stream(stream) },
      spill: { ...spill, ...doors.spill(spill) },
    });
    const { statusCode } = await serve(httpRequest({ sent }));
    clock.ms = UNTIL;
    const { statusCode: after } = await serve(httpRequest({ sent }));
    return [statusCode, after, spill.messages().length];
  };
  expect(await answerOf({ stream: { kind: 'fail' } })).toEqual([202, 202, 1]);
  expect(await answerOf({ spill: { kind: 'fail' } })).toEqual([202, 202, 0]);
  const both = { stream: { kind: 'fail' }, spill: { kind: 'fail' } } as const;
  expect(await answerOf(both)).toEqual([503, 202, 0]);
});

/** Three events of one user in one envelope. */
const [cut] = requestOf(['e1', 'e2', 'e3'].map((eventId) => sentEvent(eventId)));
const envelopes = cut === undefined ? [] : [cut];

test('enrich parks the named event as a bug and passes its neighbours, until the door shuts', async () => {
  const { doors, clock } = doorsOf({ events: ['e2'] });
  const run = async () => {
    const stream = memoryEventStream();
    const failed = memoryFailedStore();
    const handle = enrich({
      enriched: stream,
      failed,
      tables: doors.events(lookupTables),
      deployedAt: undefined,
      now: () => clock.ms,
      sleep: () => Promise.resolve(),
      report: { counted: () => undefined, fault: () => undefined, bugs: () => undefined },
    });
    const raw = envelopes.map(({ partitionKey, data }) => ({ partitionKey, text: data }));
    await doors.call(handle)(kinesisEvent(raw), { getRemainingTimeInMillis: () => 60_000 });
    const lines = stream.records().flatMap(({ data }) => data.trimEnd().split('\n'));
    const stubs = lines.filter((line) => JSON.parse(line).stub === 1).length;
    return { lines: lines.length, stubs, parked: [...failed.objects.keys()].length };
  };
  expect(await run()).toEqual({ lines: 3, stubs: 1, parked: 1 });
  clock.ms = UNTIL;
  expect(await run()).toEqual({ lines: 3, stubs: 0, parked: 0 });
});

test('aggregate parks the named event as a bug and counts its neighbours, until the door shuts', async () => {
  const { doors, clock } = doorsOf({ events: ['e2'] });
  const run = async () => {
    const world = aggregating({ definitions: doors.events(definitions) });
    await doors.call(() => world.run(recordsOf(envelopes)))(undefined, undefined);
    return { ...world.totals(USER), objects: world.objects.size };
  };
  expect(await run()).toEqual({ applied: 2, duplicate: 0, parked: 1, objects: 1 });
  clock.ms = UNTIL;
  expect(await run()).toEqual({ applied: 3, duplicate: 0, parked: 0, objects: 0 });
});

test('without the variable nothing is wrapped, and nothing is asked', () => {
  const doors = faultDoors('enrich', {
    AWS_ENDPOINT_URL: 'https://kinesis.eu-west-1.amazonaws.com',
  });
  const stream = memoryEventStream();
  const spill = memorySpillQueue();
  const calls = { read: () => Promise.resolve('value') };
  expect(doors.stream(stream)).toBe(stream);
  expect(doors.spill(spill)).toBe(spill);
  expect(doors.port('cache', calls)).toBe(calls);
  expect(doors.events(lookupTables)).toBe(lookupTables);
  const handle = () => Promise.resolve('answer');
  expect(doors.call(handle)).toBe(handle);
});

test.each([
  'https://dynamodb.eu-west-1.amazonaws.com',
  'http://localhost.example.com',
  'http://10.0.0.1:4566',
])('doors are refused at %s, which is not this machine', (url) => {
  expect(() => localEndpoint(url)).toThrow('is not this machine');
  expect(() => faultDoors('collect', { FAULT_DOORS: 'on', AWS_ENDPOINT_URL: url })).toThrow();
});

test('a row that is no door is refused rather than passed over', () => {
  const door = { until: UNTIL, events: ['e1'], ports: { stream: { kind: 'slow', ms: 5 } } };
  expect(readFaultDoor(JSON.stringify(door))).toEqual(door);
  const wrong = [
    { ...door, until: 'soon' },
    { ...door, events: 'e1' },
    { ...door, events: Array.from({ length: DOOR_EVENTS_MAX + 1 }, () => 'e') },
    { ...door, ports: { river: { kind: 'fail' } } },
    { ...door, ports: { stream: { kind: 'explode' } } },
    { ...door, ports: { stream: { kind: 'slow', ms: 0 } } },
    { until: UNTIL },
    null,
  ];
  for (const one of wrong)
    expect(() => readFaultDoor(JSON.stringify(one))).toThrow('this is no fault door');
});
