/** Runs as the commands print them. */
import { toRfc3339 } from '../time.ts';
import type { Run } from './run.ts';

const SECOND_MS = 1_000;

const lasted = ({ started, ended }: Run): string =>
  ended === undefined ? '' : `${((ended - started) / SECOND_MS).toFixed(0)} s`;

export const runLine = (run: Run): string => {
  const { runId, status, step, rows, cut = '', versions, error } = run;
  const columns = [
    runId,
    status.padEnd(9),
    toRfc3339(run.started).slice(0, 19),
    lasted(run).padStart(7),
    `cut ${cut}`.padEnd(14),
    `${rows} users`.padStart(12),
    versions.length > 0 ? `backfill of ${versions.join(', ')}` : '',
    status === 'succeeded' ? '' : `at ${step}`,
  ];
  const line = columns.filter((column) => column !== '').join('  ');
  return error === undefined ? line : `${line}\n  ${error}`;
};

/** Of one that has ended. */
export const endLine = (run: Run): string =>
  run.status === 'refused'
    ? `${runLine(run)}\n  Load it all the same: npm run nightly -- --accept ${run.runId}`
    : runLine(run);
