import type { TributaryConfig } from '../functions/core/tags/config.ts';
import { type CheckResult, checkProfiles, knownUsers } from './check.ts';
import type { ClientPorts } from './client.ts';
import { type CrowdOptions, newCrowd } from './crowd.ts';
import { runTraffic, type Totals, type Traffic, type TrafficOptions } from './traffic.ts';

export interface SimulationOptions extends CrowdOptions, TrafficOptions {
  /** Compares every profile with what was acknowledged. */
  readonly check: boolean;
}

export interface SimulationResult {
  readonly traffic: Traffic;
  readonly check?: CheckResult;
}

export interface Progress {
  readonly tick: (totals: Readonly<Totals>) => void;
  readonly checking: () => void;
}

/** Nothing could be compared: these users have a past that this run knows nothing of. */
export class UsersAreKnown extends Error {
  override readonly name = 'UsersAreKnown';
}

const EXAMPLES_MAX = 3;

export const simulate = async (
  ports: ClientPorts,
  options: SimulationOptions,
  config: TributaryConfig,
  progress: Progress = { tick: () => {}, checking: () => {} },
): Promise<SimulationResult> => {
  const crowd = newCrowd(options);
  const known = options.check ? await knownUsers(ports, crowd.users) : [];
  if (known.length > 0) {
    throw new UsersAreKnown(
      `${known.length} of the shoppers have a profile already (${known.slice(0, EXAMPLES_MAX).join(', ')}): --check needs new ones, by --prefix`,
    );
  }
  const traffic = await runTraffic(ports, crowd, options, progress.tick);
  if (!options.check) return { traffic };

  progress.checking();
  const facts = new Map(
    [...traffic.acknowledged]
      .filter(([user]) => !traffic.uncertainUsers.has(user))
      .map(([user, events]) => [user, events.map(({ fact }) => fact)] as const),
  );
  return { traffic, check: await checkProfiles(ports, facts, config) };
};
