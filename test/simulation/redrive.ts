import { violated } from './violation.ts';
import type { World } from './world.ts';

const countsOf = ({ auditor }: World): string =>
  JSON.stringify([...auditor.users].map(([key, { applied }]) => [key, applied]));

/** Sends on what was set aside for a bug, as a redrive does: under its old position, in a cut of its own. */
const sendOn = ({ raw, failed }: World, pass: number): number => {
  const parked = [...failed.events.values()].filter(
    ({ stage, reason, at }) => stage !== 'collect' && reason === 'bug' && at !== undefined,
  );
  for (const [place, { stage, partitionKey, at, bytes }] of parked.entries()) {
    const event = JSON.parse(Buffer.from(bytes).toString('utf8'));
    event.ingest.redrive = { stage, ...at };
    event.ingest.batchId = String(pass * 1_000 + place).padStart(16, '0');
    event.ingest.part = 0;
    raw.put([{ partitionKey: partitionKey ?? '', data: `${JSON.stringify(event)}\n` }]);
  }
  return parked.length;
};

/**
 * The bug is mended and what it set aside is sent on again, twice (P9): the second time nothing is
 * applied. A line that was never JSON is for people to look at.
 */
export const redriveParked = async (
  world: World,
  rest: () => Promise<void>,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<void> => {
  world.bug.isOut = false;
  sendOn(world, 1);
  await rest();
  await between();
  const before = countsOf(world);
  const parked = sendOn(world, 2);
  await rest();
  if (parked > 0) world.faults.count('redriven twice');
  if (countsOf(world) !== before) violated('P9', 'a second redrive was applied');
};
