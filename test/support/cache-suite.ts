/** One suite for whatever lies in the cache: in memory, over a server, over a cluster with our rights. */
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { ValkeyClient } from '../../functions/adapters/valkey-client.ts';
import { overServer } from './cache-clients.ts';
import { program } from './cache-server.ts';

export interface Made<P> {
  readonly inMemory: () => P;
  readonly over: (client: ValkeyClient) => P;
}

export type Suite<P> = (port: () => P) => void;

const SKIPPED = ' (skipped: neither valkey-server nor redis-server on PATH)';

export const cacheSuite = <P>(
  title: string,
  { inMemory, over }: Made<P>,
  suite: Suite<P>,
): void => {
  describe(`${title} in memory`, () => suite(inMemory));
  for (const [name, isCluster] of [
    ['over a server, as on a laptop', false],
    ['over a cluster, as its user with its rights', true],
  ] as const) {
    const isThere = program !== undefined;
    describe.skipIf(!isThere)(`${title} ${name}${isThere ? '' : SKIPPED}`, () => {
      const world = overServer(isCluster);
      beforeAll(world.start, 30_000);
      afterAll(async () => {
        await world.stop();
        expect(world.faults).toEqual([]);
      });
      suite(() => over(world.client()));
    });
  }
};
