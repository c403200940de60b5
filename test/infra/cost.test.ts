import fc from 'fast-check';
import { expect, test } from 'vitest';
import { traffic } from '../../bench/traffic.ts';
import { type PlatformConfig, sizes } from '../../lib/config.ts';
import { monthlyFloor } from '../../lib/cost/floor.ts';
import { idleMinutesUsd } from '../../lib/cost/minutes.ts';
import { type MonthlyCost, monthlyCost } from '../../lib/cost/monthly-cost.ts';
import { nightVolume, scannedBytes } from '../../lib/cost/night-volume.ts';
import { idleNightsUsd } from '../../lib/cost/nights.ts';
import { planFor } from '../../lib/cost/plan.ts';
import type { CostInput } from '../../lib/cost/rates.ts';
import { learningUsd, servingUsd } from '../../lib/cost/recommending.ts';
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
  timelineRow: { bytes: 1_100, writeUnits: 1.9 },
  updateBytes: 400,
  cacheWriteBytes: 1_536,
  tallyRowBytes: { minute: 10_000, day: 1_000, feed: 5_000 },
};
const CPU_MS = {
  collect: 0.013,
  enrich: 0.008,
  aggregate: 0.025,
  timelineRow: 0.06,
  tally: 0.02,
  project: 0.03,
};
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

test('the timeline’s lines by hand: a row a record in the table of rows, and 30 days of them', () => {
  const cost = at(sizes.starter, 10);
  const rows = SECONDS_PER_MONTH * 1.9 * 0.625;
  expect(usdOf(cost, 'aggregate', 'timeline: a row a record')).toBeCloseTo(rows / 1e6, 9);
  const kept = (30 * 86_400 * (1_100 + 100) * (0.25 + 0.2)) / 1_024 ** 3;
  expect(usdOf(cost, 'aggregate', 'timeline: 30 days kept, with backup')).toBeCloseTo(kept, 9);
  // One read, one write, one row of 5 ms each; ten events, one row and the call itself on a whole core.
  const usdOfMs = (ms: number): number =>
    (SECONDS_PER_MONTH * ms * (1_769 / 1_024) * 0.0000133334) / 1_000;
  expect(usdOf(cost, 'aggregate', 'time')).toBeCloseTo(usdOfMs(15 + 10 * 0.025 + 0.06 + 0.5), 6);
  const without = at({ ...sizes.starter, timeline: false }, 10);
  expect(usdOf(without, 'aggregate', 'time')).toBeCloseTo(usdOfMs(10 + 10 * 0.025 + 0.5), 6);
});

test('a size without the timeline pays for none of it: no row, no byte kept, no time', () => {
  fc.assert(
    fc.property(configs, rates, (config, rate) => {
      const [on, off] = [
        at({ ...config, timeline: true }, rate),
        at({ ...config, timeline: false }, rate),
      ];
      const ofTimeline = ({ lines }: MonthlyCost) =>
        lines.filter(({ what }) => what.startsWith('timeline'));
      expect(ofTimeline(off)).toEqual([]);
      expect(ofTimeline(on)).toHaveLength(2);
      expect(ofTimeline(at(config, rate))).toHaveLength(config.timeline ? 2 : 0);
      const beyond = usdOf(on, 'aggregate', 'time') - usdOf(off, 'aggregate', 'time');
      if (rate > 1e-3) expect(beyond).toBeGreaterThan(0);
    }),
  );
  expect(sizes.scale.timeline).toBe(false);
});

test('where capacity is bought ahead, rows of the timeline share what their table has', () => {
  const perSecond = 100_000 / 10;
  const { lines } = at({ ...sizes.scale, timeline: true }, 100_000);
  // The least capacity is in the floor; what is above it is bought for all rows together.
  const rows = lines.filter(({ writer, what }) => writer === 'tally' && !/calls|time/.test(what));
  const timeline = lines.find(({ what }) => what === 'timeline: a row a record')?.usd ?? 0;
  const all = rows.reduce((sum, { usd }) => sum + usd, timeline);
  const units = 10_000 * 1.9 + tallyUnits(perSecond);
  expect(all).toBeCloseTo((units / 0.7 - 500) * 0.00065 * 730, 3);
});

/** Of 500 changes a call: eleven units for a minute and a day, and five for each shard's feed. */
const tallyUnits = (changes: number): number => (changes / 500) * 11 + (changes / 1_000) * 5;

test('the lines of project by hand, at one change a second', () => {
  const cost = at(sizes.standard, 10);
  // A poll a second finds the profile and, three times in ten, its traits; a put and the cache.
  expect(usdOf(cost, 'project', 'calls')).toBeCloseTo((SECONDS_PER_MONTH * 0.2) / 1e6, 9);
  const ms = 10 + 2 + (1.3 * 0.03 + 0.5) / (512 / 1_769);
  const time = (SECONDS_PER_MONTH * ms * 0.0000133334) / 2_000;
  expect(usdOf(cost, 'project', 'time')).toBeCloseTo(time, 6);
  const units = (SECONDS_PER_MONTH * 0.014) / 1e6;
  expect(usdOf(cost, 'Kinesis updates', 'payload units')).toBeCloseTo(units, 9);
  const wide = monthlyCost(
    input(sizes.standard, { traffic: { ...TRAFFIC, updateBytes: 25 * 1_024 + 1 } }),
    10,
  );
  expect(usdOf(wide, 'Kinesis updates', 'payload units')).toBeCloseTo(2 * units, 9);
});

test('the lines of the cache by hand: a kilobyte and a half a profile, a kilobyte of traits', () => {
  const cost = at(sizes.standard, 10);
  const units = SECONDS_PER_MONTH * (1.5 + 0.3);
  expect(usdOf(cost, 'cache', 'units of writes')).toBeCloseTo((units * 0.0023) / 1e6, 9);
  const gb = (SECONDS_PER_MONTH * 400) / 1_024 ** 3;
  expect(usdOf(cost, 'cache', 'updates through the endpoint')).toBeCloseTo(gb * 0.01, 9);
});

test('nodes of a cache take no units, and a size without a cache pays for none', () => {
  const whats = (config: PlatformConfig): readonly string[] =>
    at(config, 1_000).lines.flatMap(({ writer, what }) => (writer === 'cache' ? [what] : []));
  expect(whats(sizes.standard)).toEqual(['units of writes', 'updates through the endpoint']);
  expect(whats(sizes.scale)).toEqual(['updates through the endpoint']);
  expect(whats(sizes.starter)).toEqual([]);
});

test('only a size with the stream of updates has lines of project', () => {
  fc.assert(
    fc.property(configs, rates, (config, rate) => {
      const writers = new Set(at(config, rate).lines.map(({ writer }) => writer));
      expect(writers.has('project')).toBe('updates' in config.streams);
      expect(writers.has('Kinesis updates')).toBe('updates' in config.streams);
    }),
  );
});

test('a call of project is logged and traced as others are', () => {
  const { updates: _, ...streams } = sizes.standard.streams;
  const [all, without] = [at(sizes.standard, 10), at({ ...sizes.standard, streams }, 10)];
  const logs = usdOf(all, 'CloudWatch', 'logs') - usdOf(without, 'CloudWatch', 'logs');
  expect(logs).toBeCloseTo((SECONDS_PER_MONTH * 1_300 * 0.5) / 1_024 ** 3, 9);
  const traces = usdOf(all, 'X-Ray', 'traces') - usdOf(without, 'X-Ray', 'traces');
  expect(traces).toBeCloseTo(SECONDS_PER_MONTH * (5 / 1e6), 9);
});

test('what is billed by the hour is in every month, busy or not', () => {
  fc.assert(
    fc.property(configs, rates, (config, rate) => {
      const floor = monthlyFloor(config, { alarms: config.alarms ? ALARMS : 0 });
      const ofHours = floor.lines.filter(({ what }) => !/shards$|^nights$/.test(what));
      const { lines } = at(config, rate);
      for (const line of ofHours) expect(lines).toContainEqual({ writer: 'by the hour', ...line });
      expect(at(config, rate).usd).toBeGreaterThanOrEqual(floor.usd - 1e-9);
    }),
  );
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
  expect(streams.updates.shards).toBeGreaterThanOrEqual(
    shardsFor(plan.requests, traffic(10).updateBytes, 0.5),
  );
  const { atOnce, writesPerSecond } = sizes.scale.loads;
  // The night loads while the day goes on.
  expect(capacity.writeUnitsMax).toBeGreaterThanOrEqual(plan.writeUnits + atOnce * writesPerSecond);
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

test('a night without events costs what the floor says, five cents a month', () => {
  const { lines } = at(sizes.standard, 0);
  const nights = lines.filter(({ writer }) =>
    /^(Athena|Step Functions|plan|load|reconcile|S3 tables)$/.test(writer),
  );
  const usd = nights.reduce((sum, line) => sum + line.usd, 0);
  expect(usd).toBeCloseTo(idleNightsUsd(sizes.standard), 9);
  // 23 statements and 12 a week of 10 MB each, and what the machine takes.
  const scans = ((23 + 12 / 7) * 10 * 1_024 ** 2 * 5) / 1_024 ** 4;
  expect(
    nights.filter(({ writer }) => writer === 'Athena').reduce((sum, { usd: one }) => sum + one, 0),
  ).toBeCloseTo((730 / 24) * scans, 9);
  expect(usd).toBeGreaterThan(0.02);
  expect(usd).toBeLessThan(0.1);
});

test('minutes in which nothing is due are 43,800 calls a month, by hand', () => {
  // A start, a call of 20 ms on a GB, a consistent read, a trace, 800 bytes of log.
  const each = 1 + 0.2 + 0.02 * 13.3334 + 0.125 + 5 + (800 * 0.5e6) / 1_024 ** 3;
  for (const size of SIZES) {
    expect(idleMinutesUsd(sizes[size])).toBeCloseTo((43_800 * each) / 1e6, 9);
    expect(at(sizes[size], 10).lines).toContainEqual({
      ...{ writer: 'by the hour', what: 'minutes' },
      usd: idleMinutesUsd(sizes[size]),
    });
  }
});

test('the lines of a night by hand', () => {
  // 864,000 events of 43,200 users, 700 bytes a record of ten.
  const cost = at(sizes.standard, 10);
  const nights = 730 / 24;
  const landed = 86_400 * 700;
  const curated = landed * 10 + 4 * 30 * 864_000 * 30;
  expect(usdOf(cost, 'Athena', 'curate: bytes read')).toBeCloseTo(
    (nights * curated * 5) / 1_024 ** 4,
    9,
  );
  expect(usdOf(cost, 'load', 'items `off` written')).toBeCloseTo(
    (nights * 43_200 * 0.625) / 1e6,
    9,
  );
  const seconds = 43_200 / 500;
  expect(usdOf(cost, 'load', 'calls and time')).toBeCloseTo(
    nights * ((20 * 0.2) / 1e6 + seconds * 0.0000133334),
    9,
  );
  const kept = 864_000 * 120 + 43_200 * 12 * 25;
  expect(usdOf(cost, 'S3 tables', 'one month kept')).toBeCloseTo(
    (nights * kept * 0.023) / 1_024 ** 3,
    9,
  );
});

test('what a night reads follows the day and the users, and knows no history', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e10, noNaN: true }), (events) => {
      const one = nightVolume(sizes.scale, { events, landedBytes: events * 40 });
      const two = nightVolume(sizes.scale, { events: 2 * events, landedBytes: events * 80 });
      expect(scannedBytes(two)).toBeCloseTo(2 * scannedBytes(one), -3);
    }),
  );
});

test.each([
  [sizes.standard, 1_000],
  [sizes.scale, 100_000],
])(
  'a day of a busy size is below the cap of a scan, with room, and loaded in ten hours',
  (config, rate) => {
    const { night } = monthlyCost(input(config, { traffic: traffic(10) }), rate);
    for (const { step, bytes } of night.scans) {
      expect(bytes, step).toBeLessThan((config.lake.scanGbMax * 1e9) / 2);
    }
    expect(night.loadSeconds / config.loads.atOnce).toBeLessThanOrEqual(10 * 3_600);
  },
);

test('what the bench weighs is in the order that it must be in', () => {
  const weighed = traffic(10);
  expect(weighed.recordsPerRequest).toBe(1);
  expect(weighed.enrichedRecordBytes).toBeGreaterThan(weighed.rawRecordBytes);
  expect(weighed.rawRecordBytes).toBeGreaterThan(10 * 300);
  expect(weighed.itemWriteUnits).toBeGreaterThanOrEqual(weighed.itemBytes / 1_024);
  expect(weighed.traitsShare).toBeGreaterThan(0);
  expect(weighed.traitsShare).toBeLessThan(1);
  const { bytes, writeUnits } = weighed.timelineRow;
  expect(bytes).toBeLessThan(weighed.enrichedRecordBytes / 2);
  expect(writeUnits).toBeGreaterThanOrEqual(bytes / 1_024);
  expect(weighed.updateBytes).toBeGreaterThan(100);
  expect(weighed.updateBytes).toBeLessThan(weighed.itemBytes);
  expect(weighed.cacheWriteBytes).toBeGreaterThan(weighed.updateBytes);
  expect(weighed.cacheWriteBytes).toBeLessThan(weighed.itemBytes + 500);
});

test('the document names every writer, and what it leaves out', () => {
  const cost = at(sizes.standard, 100);
  const document = costDocument({
    floors: [
      {
        size: 'standard',
        floor: monthlyFloor(sizes.standard, { alarms: ALARMS }),
        config: sizes.standard,
      },
    ],
    rates: [{ name: 'a hundred a second', cost }],
    plan: [planFor(input(sizes.scale), 1_000)],
    perRequest: [{ events: 1, usdPerMillion: 4 }],
    traffic: TRAFFIC,
    assumed: ASSUMED,
    cpuMs: CPU_MS,
    cpuFrom: 'a test',
  });
  for (const writer of byWriter(cost).keys()) expect(document).toContain(`| ${writer} |`);
  expect(document).toContain('free tiers');
  for (const idle of ['`drain` and its queue', '`admin`']) expect(document).toContain(idle);
});

const sumOf = (costs: readonly { readonly usd: number }[]): number =>
  costs.reduce((sum, { usd }) => sum + usd, 0);

test('what recommendations cost, by hand', () => {
  // 10.5 M increments and 100,000 claims, 0.1 ms of half a GB a change, 100 rows of 13 units.
  const learning = 10.6 * 0.0023 + 100_000 * 0.0001 * 0.5 * 0.0000133334 + 100 * 13 * 0.625e-6;
  expect(sumOf(learningUsd(sizes.standard, 1_000))).toBeCloseTo(learning, 9);
  const page = 1e-6 + 0.2e-6 + 0.012 * 0.0000133334 + 4.5 * 0.125e-6 + 40 * 0.0023e-6;
  const logs = (1_000 * 0.5) / 1_024 ** 3;
  expect(sumOf(servingUsd(sizes.standard))).toBeCloseTo(1e6 * (page + logs), 6);
});

test('without a cache nothing is learnt live, and a page reads the profile from its table', () => {
  expect(learningUsd(sizes.starter, 1_000).map(({ what }) => what)).toEqual(['rows of demand']);
  const reads = (size: 'starter' | 'standard') =>
    servingUsd(sizes[size]).find(({ what }) => what === 'reads')?.usd ?? 0;
  expect(reads('starter')).toBeGreaterThan(reads('standard'));
});
