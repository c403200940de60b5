/** A run that ends in each of its steps, and the run after it. */
import { expect, test } from 'vitest';
import { nightlyMachine } from '../../lib/nightly-machine.ts';
import { auditServed } from './audit-nights.ts';
import { history, viewed } from './history.ts';
import type { TaskFunction } from './machine-model.ts';
import { definitions } from './world.ts';

type World = ReturnType<typeof history>;

const ORDERED = { event: 'Order Completed', properties: { order_id: 'o', total: 10 } };

/** Two nights, the second of which has something to do in each step. */
const twoNights = async (world: World, beforeSecond: () => void): Promise<void> => {
  for (const [count, users] of [3, 2].entries()) {
    if (count === 1) beforeSecond();
    const timestamp = new Date(world.scheduler.nowMs).toISOString();
    for (let user = 0; user < users; user += 1)
      await world.send([
        viewed(`v${count}`, { timestamp, userId: `u${user}` }),
        viewed(`o${count}`, { ...ORDERED, timestamp, userId: `u${user}` }),
      ]);
    await world.nextNight();
  }
};

/** All that is left behind, but which run wrote it. */
const leftBy = ({ night: { tables }, table }: World) => {
  const { tags_loaded: _, ...text } = tables.text();
  const loaded = tables.rowsOf('tags_loaded').map(({ run_id: __, ...row }) => JSON.stringify(row));
  const offs = [...table.offs].map(([user, { cut }]) => [user, cut]);
  return { text, loaded: loaded.toSorted(), offs: Object.fromEntries(offs) };
};

/** The tasks of the second run, in their order. */
const stepsOf = async (world: World): Promise<readonly string[]> => {
  const steps: string[] = [];
  await twoNights(world, () => {
    world.night.machine.onTask = ({ step }) => steps.push(step);
  });
  return steps;
};

const ENDS = {
  'what it asked for happens': () => undefined,
  'its function dies on the way': (world: World) => {
    for (const name of ['Plan', 'PlanLoad', 'Load', 'Reconcile'] satisfies TaskFunction[])
      world.night.functions[name].kill();
  },
};

/** Ends the second run at one of its tasks. */
const endedAt = async (place: number, then: (world: World) => void): Promise<World> => {
  const world = history();
  const { machine } = world.night;
  await twoNights(world, () => {
    let tasks = 0;
    machine.onTask = ({ input }) => {
      if (tasks++ !== place) return;
      machine.stop(input);
      world.scheduler.after(1, 'the end', () => then(world));
    };
  });
  const [, second] = machine.runs.values();
  expect(second?.execution.ending()?.status).toBe('ABORTED');
  return world;
};

test('a run that is ended in any of its steps, and run again, leaves what one run leaves', async () => {
  const whole = history();
  const steps = await stepsOf(whole);
  const named = Object.keys(nightlyMachine({ loadsAtOnce: 4 }).States);
  const wanted = named.filter(
    (name) => !/:|^(refuse|refused|fail|failed|succeeded|tend)$/.test(name),
  );
  // Nothing to fill from history in a night; a refused run, a failed one and one whose lists failed
  // have tests of their own.
  expect(wanted.filter((name) => !steps.some((step) => step.startsWith(name)))).toEqual([
    'user-day of history',
    'unlisted',
  ]);
  const left = leftBy(whole);
  for (const then of Object.values(ENDS))
    for (const [place, step] of steps.entries()) {
      const world = await endedAt(place, then);
      expect(leftBy(world), step).toEqual(left);
      for (const user of world.auditor.users)
        auditServed({ ...world, definitions }, user, world.scheduler.nowMs);
    }
}, 60_000);
