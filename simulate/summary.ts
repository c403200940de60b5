import type { CheckResult } from './check.ts';
import type { Totals, Traffic } from './traffic.ts';

const BAR_CHARACTERS = 30;
const DIFFERENCES_PRINTED_MAX = 200;

export const progressBar = (totals: Readonly<Totals>, all: number): string => {
  const done = Math.min(1, totals.sent / Math.max(1, all));
  const full = Math.round(done * BAR_CHARACTERS);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_CHARACTERS - full);
  const retries = totals.retries === 0 ? '' : `, ${totals.retries} retries`;
  return `${bar} ${totals.sent}/${all} sent, ${totals.acknowledged} acknowledged${retries}`;
};

/** The smallest value that so many of a hundred do not exceed. */
export const percentile = (values: readonly number[], percent: number): number => {
  const ordered = values.toSorted((left, right) => left - right);
  return ordered[Math.max(0, Math.ceil((ordered.length * percent) / 100) - 1)] ?? 0;
};

export const summaryOf = (
  { totals, latenciesMs, complaints }: Traffic,
  seconds: number,
): readonly string[] => [
  `${totals.sent} events sent in ${totals.requests} requests and ${seconds.toFixed(1)} s: ${totals.acknowledged} acknowledged, ${totals.rejected} rejected, ${totals.uncertain} without an answer, ${totals.retries} retries`,
  `latency p50 ${percentile(latenciesMs, 50).toFixed(0)} ms, p99 ${percentile(latenciesMs, 99).toFixed(0)} ms`,
  ...complaints.map((complaint) => `  refused: ${complaint}`),
];

export const verdictOf = ({
  usersCompared,
  differences,
  settledMs,
}: CheckResult): readonly string[] =>
  differences.length === 0
    ? [
        `${usersCompared} profiles are exact, ${(settledMs / 1_000).toFixed(1)} s after the last event`,
      ]
    : [
        ...differences.slice(0, DIFFERENCES_PRINTED_MAX),
        `${differences.length} differences in ${usersCompared} profiles`,
      ];
