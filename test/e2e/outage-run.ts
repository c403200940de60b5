/**
 * The stream is away for a while under traffic: all of it must be accepted, spilled, drained once
 * the stream is back, and counted once.
 */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RealtimeAnswer } from '../../functions/core/analytics/live-answers.ts';
import type { OracleFact } from '../../functions/core/profile/oracle.ts';
import { epochMs } from '../../functions/core/time.ts';
import { checkProfiles } from '../../simulate/check.ts';
import type { ClientPorts } from '../../simulate/client.ts';
import { seeded } from '../../simulate/random.ts';
import { simulate } from '../../simulate/simulate.ts';
import type { Traffic } from '../../simulate/traffic.ts';
import { httpTransport } from '../../simulate/transport.ts';
import { config } from '../../tributary.config.ts';
import {
  aws,
  drained,
  type EnrichedLine,
  effectTotals,
  enrichedLines,
  eventually,
  landedOf,
} from './asking.ts';
import { type Started, startProcess } from './start-process.ts';

export interface OutageOptions {
  readonly outageSeconds: number;
  readonly eventsPerSecond: number;
  readonly users: number;
  readonly dataDir: string;
  readonly say: (line: string) => void;
}

type Phase = 'before' | 'outage' | 'after';

/** What /readyz and the queue said, one look after the other. */
interface Look {
  readonly phase: Phase;
  readonly breaker: string;
  readonly spilled: number;
}

export interface OutageResult {
  readonly events: number;
  readonly looks: readonly Look[];
  readonly drainedAfterMs: number;
  readonly duplicates: number;
  /** A sentence for each thing that is not as it must be. */
  readonly wrong: readonly string[];
}

const BEFORE_SECONDS = 1;
/** A breaker is tried again after 5 s, so that it has closed before the traffic ends. */
const AFTER_SECONDS = 7;
const LOOK_MS = 50;
const USERS_READ = 3;

const breakerOf = async ({ apiUrl }: Started): Promise<string> =>
  Object(await (await fetch(`${apiUrl}/readyz`)).json()).breaker;

/** Messages in the spill queue, hidden or not. */
const spilledIn = async (platform: Started, QueueUrl: unknown): Promise<number> => {
  const { Attributes } = await aws(platform, 'AmazonSQS.GetQueueAttributes', {
    QueueUrl,
    AttributeNames: ['All'],
  });
  const of = (name: string): number => Number(Object(Attributes)[name]);
  return of('ApproximateNumberOfMessages') + of('ApproximateNumberOfMessagesNotVisible');
};

const spillQueueUrl = async (platform: Started): Promise<unknown> => {
  const { Parameter } = await aws(platform, 'AmazonSSM.GetParameter', {
    Name: '/tributary/dev/queues/spill-url',
  });
  return Object(Parameter).Value;
};

const failStream = async ({ endpointUrl }: Started, seconds: number): Promise<void> => {
  const fault = (name: string) =>
    promisify(execFile)(process.execPath, [
      'bin/fault.ts',
      ...[name, '--fail', 'stream', '--seconds', String(seconds), '--endpoint', endpointUrl],
    ]);
  await Promise.all([fault('collect'), fault('drain')]);
};

/** Looks until it is told to stop. */
const watch = (platform: Started, QueueUrl: unknown, phase: () => Phase) => {
  const looks: Look[] = [];
  let isOver = false;
  const look = async (): Promise<void> => {
    while (!isOver) {
      const [breaker, spilled] = await Promise.all([
        breakerOf(platform),
        spilledIn(platform, QueueUrl),
      ]);
      looks.push({ phase: phase(), breaker, spilled });
      await sleep(LOOK_MS);
    }
  };
  const looking = look();
  return {
    looks,
    stop: async (): Promise<void> => {
      isOver = true;
      await looking;
    },
  };
};

/** In the order in which they landed: the id of a session is that of the event that opened it. */
const factsOf = (
  { acknowledged }: Traffic,
  lines: readonly EnrichedLine[],
): ReadonlyMap<string, readonly OracleFact[]> => {
  const places = new Map<unknown, number>();
  for (const [place, { line }] of lines.entries())
    if (!places.has(line.eventId)) places.set(line.eventId, place);
  return new Map(
    [...acknowledged].map(([user, events]) => [
      user,
      events.map(({ fact }) => ({ ...fact, arrivedAt: epochMs(places.get(fact.eventId) ?? 0) })),
    ]),
  );
};

const wrongAnswers = ({ totals, complaints }: Traffic): readonly string[] =>
  totals.acknowledged === totals.sent && totals.retries === 0
    ? []
    : [`${totals.acknowledged} of ${totals.sent} accepted: ${complaints.join(', ')}`];

const wrongLooks = (looks: readonly Look[]): readonly string[] => {
  const during = (phase: Phase) => looks.filter((look) => look.phase === phase);
  const most = Math.max(...looks.map(({ spilled }) => spilled));
  return [
    ...(during('before').every(({ breaker }) => breaker === 'closed') ? [] : ['open before it']),
    // A process that is not asked for anything stays open for some seconds after the outage.
    ...(looks.some(({ breaker }) => breaker === 'open') ? [] : ['never open']),
    ...(most > 0 ? [] : ['nothing was spilled']),
    ...(looks.at(-1)?.breaker === 'closed' ? [] : ['not closed afterwards']),
  ];
};

/** By user: what `fx` says over all versions, against what was sent and what landed. */
const wrongEffects = async (
  platform: Started,
  facts: ReadonlyMap<string, readonly OracleFact[]>,
  lines: readonly EnrichedLine[],
): Promise<readonly string[]> => {
  const wrong: string[] = [];
  const busiest = [...facts].toSorted(([, a], [, b]) => b.length - a.length).slice(0, USERS_READ);
  for (const [user, { length }] of busiest) {
    const { applied, duplicate, parked } = await effectTotals(platform, user);
    const landed = landedOf(lines, user);
    if (applied !== length || applied + duplicate !== landed || parked !== 0)
      wrong.push(
        `${user}: ${length} sent, ${landed} landed, ${applied} applied, ${duplicate} known`,
      );
  }
  return wrong;
};

const liveTotals = async ({ apiUrl }: Started, events: number) =>
  eventually(async () => {
    const answer = await fetch(`${apiUrl}/v1/analytics/realtime?minutes=10`);
    const { totals } = (await answer.json()) as RealtimeAnswer;
    return totals.applied >= events ? totals : undefined;
  });

export const outageRun = async (options: OutageOptions): Promise<OutageResult> => {
  const platform = await startProcess({ dataDir: options.dataDir, args: ['--faults'] });
  try {
    return await outageOf(platform, options);
  } finally {
    platform.child.kill('SIGTERM');
    await platform.ended;
  }
};

const outageOf = async (platform: Started, options: OutageOptions): Promise<OutageResult> => {
  const { outageSeconds, eventsPerSecond, users, say } = options;
  let phase: Phase = 'before';
  const watching = watch(platform, await spillQueueUrl(platform), () => phase);
  const ports: ClientPorts = {
    transport: httpTransport({ url: platform.apiUrl }),
    now: Date.now,
    sleep: (ms) => sleep(ms),
    random: seeded(1),
  };
  const seconds = BEFORE_SECONDS + outageSeconds + AFTER_SECONDS;
  const shopping = simulate(
    ports,
    { seed: 5, users, runId: 'outage', prefix: '', eventsPerSecond, seconds, check: false },
    config,
  );
  await sleep(BEFORE_SECONDS * 1_000);
  phase = 'outage';
  await failStream(platform, outageSeconds);
  say(`the stream is away for ${outageSeconds} s, under ${eventsPerSecond} events/s`);
  await sleep(outageSeconds * 1_000);
  phase = 'after';
  const backAtMs = Date.now();
  const { traffic } = await shopping;
  await watching.stop();
  await drained(platform);
  const drainedAfterMs = Date.now() - backAtMs;

  const lines = await enrichedLines(platform);
  const facts = factsOf(traffic, lines);
  const events = traffic.totals.acknowledged;
  const live = await liveTotals(platform, events);
  const { differences, usersCompared } = await checkProfiles(ports, facts, config);
  say(`${usersCompared} profiles compared, ${differences.length} differences`);
  const { looks } = watching;
  const wrong = [
    ...wrongAnswers(traffic),
    ...wrongLooks(looks),
    ...(live.applied === events ? [] : [`${live.applied} applied of ${events} accepted`]),
    ...differences,
    ...(await wrongEffects(platform, facts, lines)),
  ];
  return { events, looks, drainedAfterMs, duplicates: live.duplicate, wrong };
};
