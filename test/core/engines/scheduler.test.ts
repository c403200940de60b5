import { expect, test } from 'vitest';
import {
  type ScheduleConfig,
  scheduleFrom,
  scheduleStep,
} from '../../../localstack/engines/scheduler.ts';
import { parseSchedule } from '../../../localstack/engines/scheduler-expression.ts';

const at = (text: string): number => Date.parse(text);
const NOW = at('2026-11-24T12:34:56Z');
const next = (expression: string, after = NOW, anchor = NOW) => {
  const found = parseSchedule(expression)(after, anchor);
  return found === undefined ? undefined : new Date(found).toISOString();
};

test.each([
  ['rate(1 minute)', '2026-11-24T12:35:56.000Z'],
  ['rate(2 hours)', '2026-11-24T14:34:56.000Z'],
  ['cron(0 3 * * ? *)', '2026-11-25T03:00:00.000Z'],
  ['cron(* * * * ? *)', '2026-11-24T12:35:00.000Z'],
  ['cron(*/15 12 * * ? *)', '2026-11-24T12:45:00.000Z'],
  ['cron(0 0 ? * MON-FRI *)', '2026-11-25T00:00:00.000Z'],
  ['cron(0 0 ? * 1 *)', '2026-11-29T00:00:00.000Z'],
  ['cron(30 6 1,15 JAN ? 2027-2028)', '2027-01-01T06:30:00.000Z'],
  ['cron(0 0 29 2 ? *)', '2028-02-29T00:00:00.000Z'],
  ['at(2026-12-01T00:00:00)', '2026-12-01T00:00:00.000Z'],
])('after Tuesday noon, %s comes at %s', (expression, expected) => {
  expect(next(expression)).toBe(expected);
});

test('an instant itself is not after itself, and what is over never comes', () => {
  expect(next('cron(0 3 * * ? *)', at('2026-11-25T03:00:00Z'))).toBe('2026-11-26T03:00:00.000Z');
  expect(next('at(2026-11-24T12:34:56)')).toBeUndefined();
  expect(next('cron(0 0 1 1 ? 2020)')).toBeUndefined();
});

test.each([
  'rate(0 minutes)',
  'rate(5 seconds)',
  'cron(0 3 * * * *)',
  'cron(0 3 ? * ? *)',
  'cron(0 25 * * ? *)',
  'cron(0 3 L * ? *)',
  'cron(0 3 * * ?)',
  'at(tomorrow)',
  'constructor(x)',
])('%s is refused', (expression) => {
  expect(() => parseSchedule(expression)).toThrow();
});

const config = (more: Partial<ScheduleConfig> = {}): ScheduleConfig => ({
  nextAfter: parseSchedule('rate(1 minute)'),
  enabled: true,
  windowMs: 0,
  retriesMax: 2,
  eventAgeMaxMs: 3_600_000,
  ...more,
});

const tick = { kind: 'tick' } as const;
const when = (nowMs: number, random = () => 0.5) => ({ nowMs, random });

test('a rate fires when it is made, then once each time', () => {
  let { state, fire } = scheduleStep(scheduleFrom(NOW), tick, config(), when(NOW));
  expect(fire?.dueMs).toBe(NOW);
  ({ state } = scheduleStep(state, { kind: 'taken' }, config(), when(NOW)));
  ({ state, fire } = scheduleStep(state, tick, config(), when(NOW + 59_999)));
  expect(fire).toBeUndefined();
  ({ state, fire } = scheduleStep(state, tick, config(), when(NOW + 60_000)));
  expect(fire?.dueMs).toBe(NOW + 60_000);
});

test('an occurrence whose call was not answered is called again', () => {
  const { state } = scheduleStep(scheduleFrom(NOW), tick, config(), when(NOW));
  expect(scheduleStep(state, tick, config(), when(NOW + 1)).fire?.dueMs).toBe(NOW);
});

test('after a pause the missed ones are one, the newest', () => {
  let { state } = scheduleStep(scheduleFrom(NOW), tick, config(), when(NOW));
  ({ state } = scheduleStep(state, { kind: 'taken' }, config(), when(NOW)));
  const { fire } = scheduleStep(state, tick, config(), when(NOW + 8 * 3_600_000 + 5));
  expect(fire?.dueMs).toBe(NOW + 8 * 3_600_000);
});

test('what is older than an event may get is dropped and said', () => {
  const once = config({ nextAfter: parseSchedule('at(2026-11-24T13:00:00)') });
  const late = scheduleStep(scheduleFrom(NOW), tick, once, when(at('2026-11-24T14:00:01Z')));
  expect(late.fire).toBeUndefined();
  expect(late.dropped?.dueMs).toBe(at('2026-11-24T13:00:00Z'));
});

test('a flexible window spreads, inside it', () => {
  const flexible = config({ windowMs: 600_000 });
  const { state, fire } = scheduleStep(scheduleFrom(NOW), tick, flexible, when(NOW));
  expect(fire).toBeUndefined();
  expect(state.pending?.fireMs).toBe(NOW + 300_000);
  expect(scheduleStep(state, tick, flexible, when(NOW + 300_000)).fire?.dueMs).toBe(NOW);
});

test('a refused call is tried again with growing pauses, as often as the policy says', () => {
  let { state, fire } = scheduleStep(scheduleFrom(NOW), tick, config(), when(NOW));
  const pauses: number[] = [];
  let nowMs = NOW;
  let dropped: unknown;
  while (fire !== undefined && dropped === undefined) {
    ({ state, dropped } = scheduleStep(
      state,
      { kind: 'refused' },
      config(),
      when(nowMs, () => 0.999),
    ));
    if (state.pending === undefined) break;
    pauses.push(state.pending.fireMs - nowMs);
    nowMs = state.pending.fireMs;
    ({ state, fire } = scheduleStep(state, tick, config(), when(nowMs)));
  }
  expect(pauses).toHaveLength(2);
  expect(pauses[1]).toBeGreaterThan(pauses[0] ?? 0);
  expect(dropped).toBeDefined();
});

test('a disabled schedule, one before its start and one after its end do not fire', () => {
  const fires = (more: Partial<ScheduleConfig>) =>
    scheduleStep(scheduleFrom(NOW), tick, config(more), when(NOW + 90_000)).fire !== undefined;
  expect(fires({})).toBe(true);
  expect(fires({ enabled: false })).toBe(false);
  expect(fires({ startMs: NOW + 100_000 })).toBe(false);
  expect(fires({ endMs: NOW - 1 })).toBe(false);
});
