import { expect, test } from 'vitest';
import { activityScoreAt } from '../../../functions/core/profile/activity-score.ts';
import { decayed, decayedOnce } from '../../../functions/core/profile/decayed.ts';
import { epochMs } from '../../../functions/core/time.ts';
import { NOW } from '../../support/counted-events.ts';

const of = (...times: readonly number[]) =>
  times.map((at) => decayedOnce(1, epochMs(at))).reduce(decayed.merge, decayed.empty);
const WEEK = 7 * 86_400_000;

test('ten fresh events are a full score, and more are no more', () => {
  expect(activityScoreAt(of(NOW, NOW, NOW), NOW)).toBeCloseTo(0.3, 12);
  expect(activityScoreAt(of(...Array<number>(25).fill(NOW)), NOW)).toBe(1);
  expect(activityScoreAt(undefined, NOW)).toBe(0);
});

test('the score halves in seven days without any event', () => {
  expect(activityScoreAt(of(NOW, NOW), epochMs(NOW + WEEK))).toBeCloseTo(0.1, 12);
});
