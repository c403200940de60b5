import { lookupTables } from '../../functions/core/enrichment/lookup-tables.ts';
import { outcomesFolderOf } from '../../functions/core/failed/failed-keys.ts';
import { planParked } from '../../functions/core/failed/plan-redrive.ts';
import type { FailedEvent } from '../../functions/ports/failed-store.ts';
import { violated } from './violation.ts';
import type { World } from './world.ts';

const countsOf = ({ auditor }: World): string =>
  JSON.stringify([...auditor.users].map(([key, { applied }]) => [key, applied]));

const appliedIn = ({ auditor }: World): number =>
  [...auditor.users].reduce((sum, [, { applied }]) => sum + applied, 0);

const parkedIn = ({ failed }: World): readonly FailedEvent[] =>
  [...failed.events.values()].filter(
    ({ stage, reason, at }) => stage !== 'collect' && reason === 'bug' && at !== undefined,
  );

/** Sends on what was set aside for a bug, as the shipped redrive plans it. */
const sendOn = ({ raw }: World, parked: readonly FailedEvent[]): void => {
  for (const event of parked) raw.put(planParked(event, lookupTables).records);
};

/** Each redrive has one outcome, and as many say `applied` as profiles have counted. */
const auditOutcomes = (world: World, parked: readonly FailedEvent[], applied: number): void => {
  const told = [...world.failed.outcomes];
  for (const { at } of parked) {
    const folder = at === undefined ? '' : outcomesFolderOf(at);
    const mine = told.filter(([key]) => key.startsWith(folder));
    if (mine.length !== 2) violated('P9', `${mine.length} outcomes of two redrives of ${folder}`);
  }
  const saysApplied = told.filter(([, outcome]) => outcome === 'applied').length;
  if (saysApplied !== applied)
    violated('P9', `${saysApplied} outcomes say applied, not ${applied}`);
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
  const parked = parkedIn(world);
  const appliedBefore = appliedIn(world);
  sendOn(world, parked);
  await rest();
  const applied = appliedIn(world) - appliedBefore;
  await between();
  const before = countsOf(world);
  sendOn(world, parked);
  await rest();
  if (parked.length > 0) world.faults.count('redriven twice');
  if (countsOf(world) !== before) violated('P9', 'a second redrive was applied');
  auditOutcomes(world, parked, applied);
};
