/** Live figures over all users, compared with what a client knows that it was answered for. */
import type { RealtimeAnswer } from '../../functions/core/analytics/live-answers.ts';
import type { Ready } from './start-process.ts';

/** Everything that is exact: all but unique users. */
export interface Counters {
  readonly byName: Readonly<Record<string, number>>;
  readonly orders: number;
  readonly revenue: number;
}

const MINUTES_SHOWN = 60;

/** A sentence per figure that differs. */
export const liveWrong = async (
  { apiUrl }: Ready,
  { byName, orders, revenue }: Counters,
): Promise<readonly string[]> => {
  const answer = await fetch(`${apiUrl}/v1/analytics/realtime?minutes=${MINUTES_SHOWN}`);
  const { totals } = (await answer.json()) as RealtimeAnswer;
  const names = Object.entries({ ...totals.byName, ...byName }).map(
    ([name]) => [`by name ${name}`, byName[name], totals.byName[name]] as const,
  );
  const applied = Object.values(byName).reduce((sum, count) => sum + count, 0);
  return [
    ...names,
    ['applied', applied, totals.applied] as const,
    ['orders', orders, totals.orders] as const,
    ['revenue', revenue, totals.revenue] as const,
    ['unnamed', 0, totals.unnamed] as const,
    ['other names', 0, totals.otherNames] as const,
    ['parked', 0, totals.parked] as const,
  ]
    .filter(([, want, have]) => want !== have)
    .map(([name, want, have]) => `${name}: acknowledged ${want}, live ${have}`);
};
