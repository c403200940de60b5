/** What the functions cost: calls, and the time for which each is billed. */
import { PRICES, tiered } from './prices.ts';
import { type CostLine, monthly, type Rates } from './rates.ts';
import { BYTES_PER_KB, billedMs, type Calls } from './volume.ts';

/** Records that one PutRecords takes. */
const PUT_RECORDS_MAX = 500;
/** Users whose items `aggregate` works on at once. */
const USERS_AT_ONCE = 32;

type Worker = 'collect' | 'enrich' | 'aggregate' | 'tally' | 'project';

export interface Work {
  readonly name: Worker;
  readonly callsPerSecond: number;
  /** Billed for each call. */
  readonly ms: number;
}

const putsOf = ({ recordsEach }: Calls): number => Math.ceil(recordsEach / PUT_RECORDS_MAX);

/** A read and a write of each user's item; where there is a timeline, a row after them. */
const aggregateOf = ({ config, aggregate, cpuMs, assumed, eventsPerRecord }: Rates) => {
  const { recordsEach } = aggregate;
  const users = Math.ceil(recordsEach / USERS_AT_ONCE);
  const rowMs = config.timeline ? cpuMs.timelineRow : 0;
  return {
    waitMs: (config.timeline ? 3 : 2) * assumed.itemMs * users,
    workMs: recordsEach * (cpuMs.aggregate * eventsPerRecord + rowMs),
  };
};

export const workOf = (rates: Rates): readonly Work[] => {
  const { config, requests, enrich, aggregate, tally, project, cpuMs, assumed } = rates;
  const { putMs, itemMs, callCpuMs } = assumed;
  const enrichMs = cpuMs.enrich * enrich.recordsEach * rates.eventsPerRecord;
  const { waitMs, workMs } = aggregateOf(rates);
  const work = (name: Worker, callsPerSecond: number, wait: number, cpu: number): Work => {
    const ms = billedMs(wait, cpu + callCpuMs, config.functions[name].memoryMb);
    return { name, callsPerSecond, ms };
  };
  return [
    work('collect', requests, putMs, cpuMs.collect * rates.traffic.eventsPerRequest),
    work('enrich', enrich.perSecond, putMs * putsOf(enrich), enrichMs),
    work('aggregate', aggregate.perSecond, waitMs, workMs),
    work('tally', tally.perSecond, 2 * itemMs, cpuMs.tally * tally.recordsEach),
    ...(project
      ? [
          work(
            'project',
            project.perSecond,
            putMs * putsOf(project) + (config.cache ? assumed.cacheMs : 0),
            cpuMs.project * project.recordsEach,
          ),
        ]
      : []),
  ];
};

/** Calls and the time for which each is billed; the account's tiers are shared by all of them. */
export const functionLines = (rates: Rates): readonly CostLine[] => {
  const work = workOf(rates);
  const gbSeconds = work.map(({ name, callsPerSecond, ms }) => {
    const gb = rates.config.functions[name].memoryMb / BYTES_PER_KB;
    return (monthly(callsPerSecond) * ms * gb) / 1_000;
  });
  const all = gbSeconds.reduce((sum, one) => sum + one, 0);
  const usd = tiered(all, PRICES.gbSecondsAtFirst, PRICES.gbSecond);
  return work.flatMap(({ name: writer, callsPerSecond }, place) => [
    { writer, what: 'calls', usd: monthly(callsPerSecond) * PRICES.functionCall },
    { writer, what: 'time', usd: all === 0 ? 0 : (usd * (gbSeconds[place] ?? 0)) / all },
  ]);
};
