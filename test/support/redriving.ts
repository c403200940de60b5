/** Collect, enrich, aggregate and admin over memory, with bugs that a test can let in and out. */
import type { KinesisStreamEvent } from 'aws-lambda';
import { memoryCatalogueStore } from '../../functions/adapters/memory-catalogue-store.ts';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import {
  memoryFailedArchive,
  memoryFailedStore,
} from '../../functions/adapters/memory-failed-store.ts';
import { memoryKeyStore } from '../../functions/adapters/memory-key-store.ts';
import { MemoryProfileStore } from '../../functions/adapters/memory-profile-store.ts';
import { admin } from '../../functions/admin/admin.ts';
import type { RedrivePorts } from '../../functions/admin/redrive-failed.ts';
import { aggregate } from '../../functions/aggregate/aggregate.ts';
import { lookupTables } from '../../functions/core/enrichment/lookup-tables.ts';
import type {
  FailedEntry,
  FailedGroups,
  FailedList,
  FailedShown,
  RedriveAnswer,
} from '../../functions/core/failed/failed-schemas.ts';
import type { Fx } from '../../functions/core/profile/fx.ts';
import { enrich } from '../../functions/enrich/enrich.ts';
import type { EventStream, StreamRecord } from '../../functions/ports/event-stream.ts';
import { authorize } from '../../functions/runtime/authorize.ts';
import { collecting, httpRequest, KEYS, keyRows, NOW_MS } from './collecting.ts';
import { definitions, sequenceOf, shardOf, totalsOf } from './enriched-lines.ts';

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };

const eventOf = (
  stream: string,
  records: readonly StreamRecord[],
  from: number,
): KinesisStreamEvent => ({
  Records: records.map(({ partitionKey, data }, place) => ({
    eventID: `${shardOf(0)}:${sequenceOf(from + place)}`,
    eventName: 'aws:kinesis:record',
    eventSource: 'aws:kinesis',
    eventSourceARN: `arn:aws:kinesis:eu-west-1:000000000000:stream/${stream}`,
    eventVersion: '1.0',
    awsRegion: 'eu-west-1',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/it',
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey,
      sequenceNumber: sequenceOf(from + place),
      data: Buffer.from(data).toString('base64'),
      approximateArrivalTimestamp: (NOW_MS + from + place) / 1_000,
    },
  })),
});

export const redriving = () => {
  const objects = new Map<string, string>();
  const failed = memoryFailedStore('2026-11-24', objects);
  const raw = memoryEventStream();
  const enriched = memoryEventStream();
  const profiles = new MemoryProfileStore();
  const effects: Fx[] = [];
  /** Ids of events for which a function throws. */
  const bugs = { enrich: new Set<string>(), aggregate: new Set<string>() };
  const faults: unknown[] = [];
  const doorOf = (ids: ReadonlySet<string>) => ({
    door: ({ eventId }: { readonly eventId: string }) => {
      if (ids.has(eventId)) throw new Error(`a bug of ours meets ${eventId}`);
    },
  });
  const report = {
    counted: () => undefined,
    fault: (fault: unknown) => faults.push(fault),
    bugs: () => undefined,
  };
  const enriching = enrich({
    ...{ enriched, failed, deployedAt: undefined, report },
    tables: { ...lookupTables, ...doorOf(bugs.enrich) },
    now: () => NOW_MS,
    sleep: async () => undefined,
  });
  const saves = { thenFails: false };
  const aggregating = aggregate({
    ...{ failed, outcomes: failed, deployedAt: undefined, report },
    profiles: {
      ...profiles,
      save: async (origin, profile, readVersion) => {
        const saved = await profiles.save(origin, profile, readVersion);
        if (saved.kind === 'saved') effects.push(JSON.parse(profile.fx));
        if (saves.thenFails) throw new Error('the answer of a save is lost');
        return saved;
      },
    },
    definitions: { ...definitions, ...doorOf(bugs.aggregate) },
    now: () => NOW_MS,
  });
  const collect = collecting({ failed, stream: raw });

  const seen = { raw: 0, enriched: 0 };
  const deliver = async ({ again = false, enrichOnly = false } = {}): Promise<void> => {
    if (again) Object.assign(seen, { raw: 0, enriched: 0 });
    for (const record of raw.records().slice(seen.raw)) {
      await enriching(eventOf('raw-user-events', [record], seen.raw), CONTEXT);
      seen.raw += 1;
    }
    if (enrichOnly) return;
    for (const record of enriched.records().slice(seen.enriched)) {
      await aggregating(eventOf('enriched-events', [record], seen.enriched), CONTEXT);
      seen.enriched += 1;
    }
  };
  const archive = memoryFailedArchive(objects);
  const ports: RedrivePorts = {
    ...{ archive, stream: raw as EventStream, tables: lookupTables },
    money: { currency: 'USD', rates: {} },
    now: () => NOW_MS,
    sleep: async () => undefined,
  };
  const serve = admin({
    ...ports,
    catalogue: memoryCatalogueStore(),
    authorize: authorize(memoryKeyStore(keyRows())),
  });
  const ask = async <T>(path: string, sent?: unknown, key: string = KEYS.operator) => {
    const url = new URL(path, 'http://localhost');
    const answer = await serve(
      httpRequest({
        method: sent === undefined ? 'GET' : 'POST',
        path: url.pathname,
        query: url.searchParams,
        headers: { authorization: `Bearer ${key}` },
        ...(sent === undefined ? {} : { sent }),
      }),
    );
    return { status: answer.statusCode, body: JSON.parse(answer.body) as T };
  };
  const redrive = async (sent: unknown): Promise<RedriveAnswer> =>
    (await ask<RedriveAnswer>('/v1/failed/redrive', sent)).body;
  return {
    ...{ objects, failed, raw, enriched, profiles, bugs, faults, saves, ports, archive, deliver },
    ...{ ask, redrive, effects },
    /** Gives up on what is waiting for `aggregate`. */
    forgetEnriched: () => {
      seen.enriched = enriched.records().length;
    },
    send: (sent: unknown, path = '/v1/events') => collect.serve(httpRequest({ sent, path })),
    totals: () => totalsOf(effects),
    list: async (query = ''): Promise<readonly FailedEntry[]> =>
      (await ask<FailedList>(`/v1/failed${query}`)).body.failed,
    groups: async () => (await ask<FailedGroups>('/v1/failed?group=reason')).body.groups,
    show: async (key: string) =>
      (await ask<FailedShown>(`/v1/failed?key=${encodeURIComponent(key)}`)).body,
  };
};
