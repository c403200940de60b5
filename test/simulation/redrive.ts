import { violated } from './auditor.ts';
import type { World } from './world.ts';

const countsOf = ({ auditor }: World): string =>
  JSON.stringify([...auditor.users].map(([key, { applied }]) => [key, applied]));

/**
 * The bug is mended and what it set aside is sent on again, twice (P9): the second time nothing is
 * applied. A line that was never JSON is for people to look at.
 */
export const redriveParked = async (world: World, rest: () => Promise<void>): Promise<void> => {
  const { raw, failed, bug, faults } = world;
  bug.isOut = false;
  const parked = [...failed.events.values()].filter(
    ({ stage, reason, at }) => stage !== 'collect' && reason === 'bug' && at !== undefined,
  );
  for (let pass = 1; pass <= 2; pass += 1) {
    const before = countsOf(world);
    for (const [place, { stage, partitionKey, at, bytes }] of parked.entries()) {
      const event = JSON.parse(Buffer.from(bytes).toString('utf8'));
      event.ingest.redrive = { stage, ...at };
      event.ingest.batchId = String(pass * 1_000 + place).padStart(16, '0');
      event.ingest.part = 0;
      raw.put([{ partitionKey: partitionKey ?? '', data: `${JSON.stringify(event)}\n` }]);
    }
    await rest();
    if (pass === 2 && parked.length > 0) {
      faults.count('redriven twice');
      if (countsOf(world) !== before) violated('P9', 'a second redrive was applied');
    }
  }
};
