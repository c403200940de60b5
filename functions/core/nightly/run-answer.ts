import { toRfc3339 } from '../time.ts';
import type { Run } from './run.ts';
import type { RunAnswer } from './run-schemas.ts';

export const answerOf = (run: Run): RunAnswer => ({
  jobId: run.runId,
  status: run.status,
  step: run.step,
  rows: run.rows,
  started: toRfc3339(run.started),
  ended: run.ended === undefined ? null : toRfc3339(run.ended),
  cut: run.cut ?? null,
  error: run.error ?? null,
});
