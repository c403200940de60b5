import { expect, test } from 'vitest';
import { grownHistories } from '../../bench/history.ts';

/** Windows and lists fill up; what is beyond that would grow without end. */
const FILLING_UP = 1.25;

test('what an event writes does not grow with the history of its user', async () => {
  const { history } = await grownHistories([1, 10]);
  const [short, long] = history.map(({ weighed, events }) => ({
    bytes: (weighed.rt.bytes + weighed.timeline.bytes) / events,
    writes: (weighed.rt.writes + weighed.timeline.writes) / events,
  }));
  expect(short?.bytes).toBeGreaterThan(0);
  expect(long?.bytes).toBeLessThan((short?.bytes ?? 0) * FILLING_UP);
  expect(long?.writes).toBe(short?.writes);
});
