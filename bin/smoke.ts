/**
 * `npm run smoke`: is this deployment alive? Posts a few events of users whom nobody has seen,
 * reads them back and compares, on any endpoint.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { checkProfiles } from '../simulate/check.ts';
import { sendRequest } from '../simulate/client.ts';
import { newCrowd, type ShopperEvent } from '../simulate/crowd.ts';
import { seeded } from '../simulate/random.ts';
import { packRequests } from '../simulate/requests.ts';
import { httpTransport } from '../simulate/transport.ts';
import { config } from '../tributary.config.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://localhost:8080' },
    key: { type: 'string' },
  },
});

const EVENTS = 120;
const USERS = 4;
const transport = httpTransport(values);
const ports = { transport, now: Date.now, sleep, random: seeded(1) };

class SmokeFailed extends Error {}

const demand = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new SmokeFailed(otherwise);
};
const done = (sentence: string): void => console.log(`✔ ${sentence}`);

const healthy = async (): Promise<void> => {
  const { status } = await transport({ method: 'GET', path: '/healthz' });
  demand(
    status === 200,
    `GET /healthz was answered ${status}, not 200: is this the API's address?`,
  );
  done(`${values.url} answers`);
};

/** A few shoppers, every event sent twice: the second time as a resend after a lost answer. */
const post = async (): Promise<readonly ShopperEvent[]> => {
  const runId = `smoke${Date.now().toString(36)}`;
  const crowd = newCrowd({ seed: Date.now(), users: USERS, runId, prefix: `${runId}-` });
  const events = Array.from({ length: EVENTS }, (_, n) => crowd.next(Date.now() - EVENTS + n));
  const requests = packRequests(events);
  for (const round of ['first', 'again']) {
    for (const request of requests) {
      const { acknowledged, complaint } = await sendRequest(ports, request);
      demand(
        acknowledged.length === request.events.length,
        `POST ${request.path} did not take every event: ${complaint}${hintFor(complaint)}`,
      );
    }
    const copies = round === 'first' ? '' : ', the same bytes once more';
    done(`${events.length} events were acknowledged in ${requests.length} requests${copies}`);
  }
  return events;
};

const hintFor = (complaint: string | undefined): string => {
  if (complaint?.startsWith('401') !== true) return '';
  return '\n  Give a server or operator key by --key; `npm run keys -- create --kind server` makes one.';
};

const compare = async (events: readonly ShopperEvent[]): Promise<void> => {
  const facts = Map.groupBy(
    events.map(({ fact }) => fact),
    ({ user }) => user,
  );
  const { differences, settledMs } = await checkProfiles(ports, facts, config);
  const [first] = differences;
  demand(
    first === undefined,
    `${differences.length} differences between profiles and what was acknowledged:\n  ${differences.join('\n  ')}`,
  );
  const seconds = (settledMs / 1_000).toFixed(1);
  done(`${facts.size} profiles were exact ${seconds} s after the last event, each event once`);
};

const flat = async (events: readonly ShopperEvent[]): Promise<void> => {
  const user = events[0]?.fact.user ?? '';
  const { status, body } = await transport({ method: 'GET', path: `/profile/${user}` });
  demand(status === 200, `GET /profile/${user} was answered ${status}: ${body.slice(0, 200)}`);
  const tags = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const texts = Object.values(tags).every((value) => typeof value === 'string');
  demand(texts && 'views_5m' in tags, `GET /profile/${user} is no map of texts: ${body}`);
  done(`GET /profile/${user} answers ${Object.keys(tags).length} tags`);
};

try {
  await healthy();
  const events = await post();
  await compare(events);
  await flat(events);
  console.log('The deployment works.');
} catch (fault) {
  const cause = fault instanceof Error && fault.cause instanceof Error ? fault.cause.message : '';
  const message = fault instanceof Error ? fault.message : String(fault);
  console.error(`✘ ${message}${cause === '' ? '' : ` (${cause})`}`);
  process.exitCode = 1;
}
