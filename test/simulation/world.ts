import { memoryItemDemand } from '../../functions/adapters/memory-item-demand.ts';
import { memoryKeyStore } from '../../functions/adapters/memory-key-store.ts';
import { memoryLearntVersions } from '../../functions/adapters/memory-learnt-versions.ts';
import { memoryPairDeltas } from '../../functions/adapters/memory-pair-deltas.ts';
import { aggregate } from '../../functions/aggregate/aggregate.ts';
import { collect } from '../../functions/collect/collect.ts';
import { lookupTables } from '../../functions/core/enrichment/lookup-tables.ts';
import { compileProfile } from '../../functions/core/profile/facets.ts';
import { LEARNING_PRESETS } from '../../functions/core/recommend/learning.ts';
import { drain } from '../../functions/drain/drain.ts';
import { enrich } from '../../functions/enrich/enrich.ts';
import type { StreamRecord } from '../../functions/ports/event-stream.ts';
import type { Learning } from '../../functions/project/learn-changes.ts';
import { project } from '../../functions/project/project.ts';
import { guardedStream } from '../../functions/runtime/guarded-stream.ts';
import type { HttpRequest, HttpResponse } from '../../functions/runtime/http.ts';
import { hashKey } from '../../functions/runtime/keys.ts';
import { tally } from '../../functions/tally/tally.ts';
import { recordFilter } from '../../localstack/engines/event-source-mapping/filter.ts';
import { config } from '../../tributary.config.ts';
import { auditNight } from './audit-nights.ts';
import { Auditor } from './auditor.ts';
import { CacheModel } from './cache-model.ts';
import { FailedModel } from './failed-model.ts';
import { Faults } from './faults.ts';
import { LagsModel } from './lags-model.ts';
import { LakeModel } from './lake-model.ts';
import { MappingModel } from './mapping-model.ts';
import { Metrics } from './metrics.ts';
import { createNight } from './night-model.ts';
import { Process } from './process.ts';
import { QueueMappingModel, QueueModel } from './queue-model.ts';
import { randomsOf } from './random.ts';
import { RowsModel } from './rows-model.ts';
import { Scheduler } from './scheduler.ts';
import { StreamModel } from './stream-model.ts';
import { TableModel } from './table-model.ts';
import { TableStreamModel } from './table-stream-model.ts';
import { TimelineModel } from './timeline-model.ts';
import { CURSED_DEVICE, type SentEvent } from './workload.ts';

export const START_MS = Date.parse('2026-11-24T12:00:00.000Z');
export const definitions = compileProfile(config);
const KEY = 'trb_server_1';
/** As the template has it: `project` reads the same stream, and both see only what they asked for. */
const tableMapping = (eventName: readonly string[], items: readonly string[]) => ({
  kind: 'dynamodb' as const,
  recordAgeMaxMs: 22 * 3_600_000,
  matches: recordFilter('dynamodb', [
    JSON.stringify({ eventName, dynamodb: { Keys: { sk: { S: items } } } }),
  ]),
});
const TALLY_MAPPING = { ...tableMapping(['INSERT', 'MODIFY'], ['rt']), tumblingMs: 900_000 };
const PROJECT_MAPPING = tableMapping(['INSERT', 'MODIFY', 'REMOVE'], ['rt', 'tr', 'off']);
const noReport = { fault: () => undefined, bugs: () => undefined };

/** The platform: shipped use cases over shipped engine cores, with models of the rest. */
export const createWorld = (seed: number, rate: number, { hasCache = false } = {}) => {
  const randoms = randomsOf(seed);
  const scheduler = new Scheduler(START_MS);
  const faults = new Faults(randoms.faults, rate);
  const raw = new StreamModel('raw-user-events', scheduler, faults, randoms.faults);
  const enriched = new StreamModel('enriched-events', scheduler, faults, randoms.faults);
  const updates = new StreamModel('user-profile-updates', scheduler, faults, randoms.faults);
  const lakeFaults = new Faults(randoms.lake, rate, faults.counts);
  const lakeWorld = { scheduler, faults: lakeFaults, random: randoms.lake };
  const lake = {
    faults: lakeFaults,
    raw: new LakeModel(lakeWorld, 'raw', raw),
    enriched: new LakeModel(lakeWorld, 'enriched', enriched),
  };
  const changes = new TableStreamModel(scheduler);
  const cache = new CacheModel(scheduler);
  // Its clock stands still: what was learnt is compared at the end, however long ago.
  const deltas = memoryPairDeltas(() => START_MS);
  const claims = memoryLearntVersions(() => scheduler.nowMs);
  const learningOf = (process: Process): Learning => ({
    preset: LEARNING_PRESETS.commerce,
    versions: {
      claim: async (...given) => await process.call('claim', () => claims.claim(...given)),
    },
    deltas: {
      add: async (...given) => await process.call('add pairs', () => deltas.add(...given)),
      read: deltas.read,
    },
  });
  const table = new TableModel(faults, changes);
  const rows = new RowsModel(faults);
  const timeline = new TimelineModel(scheduler, faults);
  const failed = new FailedModel(faults);
  const queue = new QueueModel({ scheduler, faults, randoms });
  const auditor = new Auditor();
  const metrics = new Metrics();
  const bug = { isOut: true };
  let ids = 0;
  const nextId = (): number => {
    ids += 1;
    return ids;
  };

  const devices = new Map(lookupTables.devices);
  devices.get = (word) => {
    if (word === CURSED_DEVICE && bug.isOut) {
      faults.count('bug in enrich');
      throw new Error('a bug of ours');
    }
    return lookupTables.devices.get(word);
  };
  const world = { scheduler, faults, randoms };
  const enriching = new MappingModel(world, raw, 'enrich', {}, (process) =>
    enrich({
      enriched: enriched.port(process),
      failed: failed.port(process),
      tables: { ...lookupTables, devices },
      deployedAt: undefined,
      now: process.now,
      sleep: process.sleep,
      report: { ...noReport, counted: metrics.counted('enrich') },
    }),
  );
  const aggregating = new MappingModel(
    world,
    enriched,
    'aggregate',
    { batchSize: 1_000 },
    (process) =>
      aggregate({
        profiles: table.port(process),
        timeline: timeline.port(process),
        failed: failed.port(process),
        outcomes: failed.outcomesPort(process),
        definitions,
        deployedAt: undefined,
        now: process.now,
        report: { ...noReport, counted: metrics.counted('aggregate') },
      }),
  );
  const tallying = new MappingModel(world, changes, 'tally', TALLY_MAPPING, (process) =>
    tally({
      store: rows.port(process),
      demand: memoryItemDemand(process.now),
      now: process.now,
      sleep: process.sleep,
      report: { ...noReport, demand: () => undefined, counted: metrics.counted('tally') },
    }),
  );
  const projecting = new MappingModel(world, changes, 'project', PROJECT_MAPPING, (process) =>
    project({
      updates: updates.port(process),
      cache: hasCache ? cache.port(process) : undefined,
      learning: learningOf(process),
      definitions,
      now: process.now,
      sleep: process.sleep,
      report: { ...noReport, counted: metrics.counted('project') },
    }),
  );
  const lags = new LagsModel(scheduler, raw, enriching, lake.enriched);
  const nightFaults = new Faults(randoms.night, rate, faults.counts);
  const night = createNight({
    ...{ scheduler, randoms, lags, table },
    faults: nightFaults,
    raw: lake.raw,
    enriched: lake.enriched,
  });
  night.runs.onLoaded = () =>
    auditor.guard(() => auditNight({ table, auditor, definitions, faults }, scheduler.nowMs));
  raw.onPut = (data) => auditor.durable(data);
  queue.onPut = (body) => auditor.durable(body);
  enriched.onLanded = (record, shardId) => auditor.guard(() => auditor.landed(record, shardId));
  updates.onLanded = (record) => auditor.guard(() => auditor.updates.landed(record));
  table.onProfile = (...saved) => auditor.guard(() => auditor.saved(...saved));
  rows.onRow = (...saved) => auditor.guard(() => auditor.tally.rowSaved(...saved));
  aggregating.onCheckpoint = (shardId, _before, after) =>
    auditor.guard(() => auditor.aggregated(shardId, after));
  projecting.onCheckpoint = (shardId, _before, after) =>
    auditor.guard(() => auditor.updates.projected(shardId, after));

  const guarded = (process: Process) => {
    const stream = guardedStream(raw.port(process), process.now);
    return {
      ...stream,
      put: (records: readonly StreamRecord[]) => {
        if (stream.breaker().phase === 'open') faults.count('breaker is open');
        return stream.put(records);
      },
    };
  };
  const draining = new QueueMappingModel(world, queue, (process) =>
    drain({
      stream: guarded(process),
      messages: queue.messagesPort(process),
      now: process.now,
      sleep: process.sleep,
      random: () => 0.5,
      count: metrics.count,
      report: () => undefined,
    }),
  );
  const stored = { tenant: 'main', kind: 'server' as const, id: 'k', createdAt: '2026-11-01' };
  const keys = memoryKeyStore(new Map([[hashKey(KEY), stored]]));
  const startCollect = () => {
    const process = new Process(scheduler, randoms, faults);
    return {
      process,
      serve: collect({
        keys,
        stream: guarded(process),
        spill: queue.port(process),
        failed: failed.port(process),
        limits: config.limits,
        corsOrigins: ['*'],
        money: { currency: 'USD', rates: {} },
        random: () => 0.5,
        newEventId: () => `ours-${nextId()}`,
        newBatchId: () => String(nextId()).padStart(16, '0'),
        now: process.now,
        sleep: process.sleep,
        count: metrics.count,
        report: () => undefined,
      }),
    };
  };
  let collecting = startCollect();
  const request = (events: unknown): HttpRequest => ({
    method: 'POST',
    path: '/v1/events',
    query: new URLSearchParams(),
    headers: { authorization: `Bearer ${KEY}` },
    pathParameters: {},
    body: new TextEncoder().encode(JSON.stringify(events)),
    bodyIsBytes: false,
    requestId: `request-${nextId()}`,
    receivedAtMs: scheduler.nowMs,
  });
  /** One HTTP request; a killed process answers nobody. */
  const post = (events: readonly SentEvent[]): Promise<HttpResponse> => {
    if (faults.happens('function is killed', 0.5)) {
      const { process } = collecting;
      scheduler.after(20 * faults.draw(), 'kill collect', () => {
        process.isAlive = false;
        if (collecting.process === process) collecting = startCollect();
      });
    }
    return collecting.serve(request(events)).then((answer) => {
      auditor.guard(() => auditor.answered(events, answer));
      return answer;
    });
  };
  return {
    randoms,
    scheduler,
    faults,
    raw,
    enriched,
    updates,
    lake,
    night,
    nightFaults,
    cache,
    deltas,
    table,
    failed,
    auditor,
    metrics,
    bug,
    enriching,
    aggregating,
    tallying,
    projecting,
    draining,
    queue,
    changes,
    rows,
    timeline,
    post,
  };
};
export type World = ReturnType<typeof createWorld>;
