import type { PageViewRows, ProfileAnswer } from '../functions/core/profile/answer.ts';
import type { OracleFact } from '../functions/core/profile/oracle.ts';
import type { TributaryConfig } from '../functions/core/tags/config.ts';
import type { ClientPorts } from './client.ts';
import { differencesOf } from './compare.ts';
import type { Reply, Transport } from './transport.ts';

type Ports = Pick<ClientPorts, 'transport' | 'now' | 'sleep'>;

const IDS_PER_READ = 100;
const READS_AT_ONCE = 8;
const POLL_MS = 1_000;
/** Longer than a retry of the pipeline; nobody waits for it where all is well. */
const SETTLE_MS_MAX = 120_000;
/** Differences that stay the same for so many readings are final. */
const STILL_READINGS = 15;

/** Users who have a profile already, so that nothing about them could be compared. */
export const knownUsers = async (
  { transport }: Ports,
  users: readonly string[],
): Promise<readonly string[]> => {
  const known: string[] = [];
  for (const chunk of chunksOf(users)) {
    known.push(...(await readProfiles(transport, chunk)).keys());
  }
  return known;
};

export interface CheckResult {
  readonly usersCompared: number;
  readonly differences: readonly string[];
  readonly settledMs: number;
}

/** Reads until every profile says what was acknowledged, or until nothing changes any more. */
export const checkProfiles = async (
  ports: Ports,
  facts: ReadonlyMap<string, readonly OracleFact[]>,
  config: TributaryConfig,
): Promise<CheckResult> => {
  const startedAtMs = ports.now();
  let open = [...facts.keys()];
  let differences: readonly string[] = [];
  let before = '';
  let still = 0;
  for (;;) {
    const found = await compareUsers(ports.transport, open, facts, config);
    open = [...found.keys()];
    differences = [...found.values()].flat();
    const settledMs = ports.now() - startedAtMs;
    const usersCompared = facts.size;
    if (differences.length === 0) return { usersCompared, differences, settledMs };
    const now = open.join('\n');
    still = now === before ? still + 1 : 0;
    before = now;
    if (still >= STILL_READINGS || settledMs > SETTLE_MS_MAX) {
      return { usersCompared, differences, settledMs };
    }
    await ports.sleep(POLL_MS);
  }
};

const compareUsers = async (
  transport: Transport,
  users: readonly string[],
  facts: ReadonlyMap<string, readonly OracleFact[]>,
  config: TributaryConfig,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const differing = new Map<string, readonly string[]>();
  const chunks = chunksOf(users);
  const worker = async (): Promise<void> => {
    for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
      const profiles = await readProfiles(transport, chunk);
      for (const user of chunk) {
        const pageViews = await readPageViews(transport, user);
        const mine = facts.get(user) ?? [];
        const found = differencesOf(user, mine, { profile: profiles.get(user), pageViews }, config);
        if (found.length > 0) differing.set(user, found);
      }
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, worker));
  return differing;
};

const chunksOf = (users: readonly string[]): (readonly string[])[] =>
  Array.from({ length: Math.ceil(users.length / IDS_PER_READ) }, (_, n) =>
    users.slice(n * IDS_PER_READ, (n + 1) * IDS_PER_READ),
  );

const readProfiles = async (
  transport: Transport,
  users: readonly string[],
): Promise<ReadonlyMap<string, ProfileAnswer>> => {
  const ids = users.map(encodeURIComponent).join(',');
  const reply = answered(await transport({ method: 'GET', path: `/v1/profiles?ids=${ids}` }));
  const { profiles } = JSON.parse(reply.body) as { readonly profiles: readonly ProfileAnswer[] };
  return new Map(profiles.map((profile) => [profile.userId, profile]));
};

const readPageViews = async (transport: Transport, user: string): Promise<PageViewRows> => {
  const path = `/api/analytics/user/${encodeURIComponent(user)}/page-views`;
  return JSON.parse(answered(await transport({ method: 'GET', path })).body) as PageViewRows;
};

export class NotReadable extends Error {
  override readonly name = 'NotReadable';
}

const answered = (reply: Reply): Reply => {
  if (reply.status === 200) return reply;
  throw new NotReadable(`a read was answered ${reply.status}: ${reply.body.slice(0, 300)}`);
};
