import fc from 'fast-check';
import { expect, test } from 'vitest';
import { traffic } from '../../bench/traffic.ts';
import { type PlatformConfig, sizes } from '../../lib/config.ts';
import { monthlyFloor } from '../../lib/cost/floor.ts';
import { type MonthlyCost, monthlyCost } from '../../lib/cost/monthly-cost.ts';
import { planFor } from '../../lib/cost/plan.ts';
import type { CostInput } from '../../lib/cost/rates.ts';
import { byWriter, costDocument } from '../../lib/cost/report.ts';
import {
  ASSUMED,
  callsOf,
  SECONDS_PER_MONTH,
  SHARD_BYTES_MAX,
  SHARD_RECORDS_MAX,
  shardsFor,
  type Traffic,
} from '../../lib/cost/volume.ts';
import { ofSize, SIZES } from './templates.ts';

const TRAFFIC: Traffic = {
  eventsPerRequest: 10,
  recordsPerRequest: 1,
  rawRecordBytes: 6_000,
  enrichedRecordBytes: 9_000,
  rawGzipBytes: 600,
  enrichedGzipBytes: 700,
  answerBytes: 800,
  itemBytes: 2_000,
  itemWriteUnits: 2.5,
  traitsShare: 0.3,
  tallyRowBytes: { minute: 10_000, day: 1_000, feed: 5_000 },
};
const CPU_MS = { collect: 0.013, enrich: 0.008, aggregate: 0.025 };
const ALARMS = 33;

const input = (config: PlatformConfig, more: Partial<CostInput> = {}): CostInput => ({
  config,
  alarms: config.alarms ? ALARMS : 0,
  traffic: TRAFFIC,
  cpuMs: CPU_MS,
  assumed: ASSUMED,
  ...more,
});

const at = (config: PlatformConfig, eventsPerSecond: number): MonthlyCost =>
  monthlyCost(input(config), eventsPerSecond);

const usdOf = ({ lines }: MonthlyCost, writer: string, what: string): number =>
  lines.find((line) => line.writer === writer && line.what === what)?.usd ?? Number.NaN;

const rates = fc.oneof(
  fc.double({ min: 0, max: 200_000, noNaN: true }),
  fc.double({ min: 0, max: 20, noNaN: true }),
);
const configs = fc.constantFrom(...Object.values<PlatformConfig>(sizes));

test('the total is the sum of the lines, and of the writers', () => {
  fc.assert(
    fc.property(configs, rates, (config, rate) => {
      const cost = at(config, rate);
      const sum = cost.lines.reduce((total, { usd }) => total + usd, 0);
      const writers = [...byWriter(cost).values()].reduce((total, usd) => total + usd, 0);
      expect(cost.usd).toBeCloseTo(sum, 6);
      expect(cost.usd).toBeCloseTo(writers, 6);
      expect(cost.lines.filter(({ usd }) => !(usd >= 0))).toEqual([]);
    }),
  );
});

test('more events never cost less', () => {
  fc.assert(
    fc.property(configs, rates, rates, (config, one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      expect(at(config, more).usd).toBeGreaterThanOrEqual(at(config, less).usd - 1e-6);
    }),
    { numRuns: 1_000 },
  );
});

test.each(SIZES)('without an event, a month of %s is the floor that the stack says', (size) => {
  const { platformTemplate } = ofSize(size);
  const alarms =
    Object.keys(platformTemplate.findResources('AWS::CloudWatch::Alarm')).length +
    Object.keys(platformTemplate.findResources('AWS::CloudWatch::CompositeAlarm')).length;
  const { usd } = monthlyCost(input(sizes[size], { alarms }), 0);
  expect(usd).toBeCloseTo(monthlyFloor(sizes[size], { alarms }).usd, 9);
  const said: string = platformTemplate.toJSON().Outputs.AboutUsdPerMonth.Value;
  expect(said).toMatch(new RegExp(`^${usd.toFixed(2).replace('.', '\\.')} before the first event`));
});

test('a few lines by hand, at one request a second', () => {
  const cost = at(sizes.standard, 10);
  const requests = SECONDS_PER_MONTH;
  expect(usdOf(cost, 'API Gateway', 'requests')).toBeCloseTo(requests / 1e6, 9);
  expect(usdOf(cost, 'collect', 'calls')).toBeCloseTo((requests * 0.2) / 1e6, 9);
  expect(usdOf(cost, 'Kinesis raw', 'payload units')).toBeCloseTo((requests * 0.014) / 1e6, 9);
  const units = requests * (2.5 * 0.625 + 0.5 * 0.125);
  expect(usdOf(cost, 'aggregate', 'state: one read, one write a record')).toBeCloseTo(
    units / 1e6,
    9,
  );
  // 6,000 bytes are two steps of 5 KB.
  const delivered = (requests * 10_240 * 0.029) / 1_024 ** 3;
  expect(usdOf(cost, 'Firehose raw', 'delivery, in steps of 5 KB')).toBeCloseTo(delivered, 9);
  // 10 ms and 0.63 ms of CPU at 512 / 1,769 of a core, on half a GB.
  const ms = 10 + (0.13 + 0.5) / (512 / 1_769);
  expect(usdOf(cost, 'collect', 'time')).toBeCloseTo((requests * ms * 0.0000133334) / 2_000, 6);
});

test('a rate has the shards that it needs at the planned share, and not one more', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 20_000, noNaN: true }),
      fc.integer({ min: 100, max: 25_600 }),
      (records, bytes) => {
        const shards = shardsFor(records, bytes, 0.5);
        const load = (n: number): number =>
          Math.max(records / (n * SHARD_RECORDS_MAX), (records * bytes) / (n * SHARD_BYTES_MAX));
        expect(load(shards)).toBeLessThanOrEqual(0.5 + 1e-9);
        if (shards > 1) expect(load(shards - 1)).toBeGreaterThan(0.5 - 1e-9);
      },
    ),
  );
});

test('a size is reckoned with the shards that a rate takes, and never with fewer than it has', () => {
  fc.assert(
    fc.property(configs, rates, (config, rate) => {
      const { streams } = at(config, rate).config;
      const records = rate / TRAFFIC.eventsPerRequest;
      const roomFor = (shards: number): number => (shards * SHARD_BYTES_MAX) / 2;
      expect(records * TRAFFIC.rawRecordBytes).toBeLessThanOrEqual(roomFor(streams.raw.shards) + 1);
      const enriched = records * TRAFFIC.enrichedRecordBytes;
      expect(enriched).toBeLessThanOrEqual(roomFor(streams.enriched.shards) + 1);
      expect(streams.raw.shards).toBeGreaterThanOrEqual(config.streams.raw.shards);
    }),
  );
});

test('scale has the shards, the capacity and the throttle that 100,000 events a second take', () => {
  const plan = planFor(input(sizes.scale, { traffic: traffic(10) }), 100_000);
  const { streams, capacity, throttle, functions } = sizes.scale;
  expect(streams.raw.shards).toBeGreaterThanOrEqual(plan.shards[0]);
  expect(streams.enriched.shards).toBeGreaterThanOrEqual(plan.shards[1]);
  expect(streams.updates.shards).toBeGreaterThanOrEqual(shardsFor(plan.requests, 0, 0.5));
  expect(capacity.writeUnitsMax).toBeGreaterThanOrEqual(plan.writeUnits);
  expect(throttle.requestsPerSecond).toBeGreaterThanOrEqual(plan.requests);
  expect(functions.collect.reserved).toBeGreaterThanOrEqual(plan.callsAtOnce[0]);
  expect(functions.enrich.reserved).toBeGreaterThanOrEqual(plan.callsAtOnce[1]);
  expect(functions.aggregate.reserved).toBeGreaterThanOrEqual(plan.callsAtOnce[2]);
});

test('a call takes what waits, up to the mapping’s batch and the bytes of a call', () => {
  const mapping = { recordsMax: 500, windowSeconds: 0, lanes: 1 };
  const calls = (records: number, bytes: number) =>
    callsOf(records, bytes, { lanes: 1, mapping, polls: 1 });
  expect(calls(0.5, 1_000)).toEqual({ perSecond: 0.5, recordsEach: 1 });
  expect(calls(100, 1_000)).toEqual({ perSecond: 1, recordsEach: 100 });
  expect(calls(1_000, 1_000)).toEqual({ perSecond: 2, recordsEach: 500 });
  expect(calls(1_000, 1_000_000).recordsEach).toBeLessThan(5);
});

test('what the bench weighs is in the order that it must be in', () => {
  const weighed = traffic(10);
  expect(weighed.recordsPerRequest).toBe(1);
  expect(weighed.enrichedRecordBytes).toBeGreaterThan(weighed.rawRecordBytes);
  expect(weighed.rawRecordBytes).toBeGreaterThan(10 * 300);
  expect(weighed.itemWriteUnits).toBeGreaterThanOrEqual(weighed.itemBytes / 1_024);
  expect(weighed.traitsShare).toBeGreaterThan(0);
  expect(weighed.traitsShare).toBeLessThan(1);
});

test('the document names every writer, and what it leaves out', () => {
  const cost = at(sizes.standard, 100);
  const document = costDocument({
    floors: [{ size: 'standard', floor: monthlyFloor(sizes.standard, { alarms: ALARMS }) }],
    rates: [{ name: 'a hundred a second', cost }],
    plan: [planFor(input(sizes.scale), 1_000)],
    perRequest: [{ events: 1, usdPerMillion: 4 }],
    traffic: TRAFFIC,
    assumed: ASSUMED,
    cpuFrom: 'a test',
  });
  for (const writer of byWriter(cost).keys()) expect(document).toContain(`| ${writer} |`);
  expect(document).toContain('free tiers');
});
