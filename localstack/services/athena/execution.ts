/** What is kept of a query execution, and what GetQueryExecution says of it. */
import { isSystemFault } from './faults.ts';
import type { ResultColumn } from './types.ts';

export type ExecutionState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

export interface Execution {
  readonly id: string;
  readonly query: string;
  readonly workGroup: string;
  readonly database?: string;
  readonly parameters?: readonly string[];
  /** s3://bucket/prefix/<id>.csv */
  readonly outputLocation: string;
  readonly token?: string;
  readonly state: ExecutionState;
  readonly reason?: string;
  /** Ended by the end of the local cloud, as Athena's own never are. */
  readonly wasCutOff?: true;
  readonly submittedAtMs: number;
  readonly startedAtMs?: number;
  readonly completedAtMs?: number;
  readonly scannedBytes: number;
  readonly columns?: readonly ResultColumn[];
  readonly updateCount?: number;
  readonly manifestLocation?: string;
}

export const isSettled = ({ state }: Execution): boolean =>
  state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED';

const statementType = (query: string): 'DML' | 'UTILITY' =>
  /^\s*(optimize|vacuum)\b/i.test(query) ? 'UTILITY' : 'DML';

export const substatementType = (query: string): string =>
  (/[a-z]+/i.exec(query)?.[0] ?? 'SELECT').toUpperCase().replace(/^(WITH|VALUES)$/, 'SELECT');

const seconds = (ms: number): number => ms / 1_000;

const statusOf = ({ state, reason, submittedAtMs, completedAtMs }: Execution): object => ({
  State: state,
  SubmissionDateTime: seconds(submittedAtMs),
  ...(completedAtMs === undefined ? {} : { CompletionDateTime: seconds(completedAtMs) }),
  ...(reason === undefined ? {} : { StateChangeReason: reason }),
  ...(state === 'FAILED' && reason !== undefined
    ? {
        AthenaError: {
          ErrorCategory: isSystemFault(reason) ? 1 : 2,
          ErrorType: isSystemFault(reason) ? 0 : 1_006,
          Retryable: isSystemFault(reason),
          ErrorMessage: reason,
        },
      }
    : {}),
});

const statisticsOf = (execution: Execution): object => {
  const { submittedAtMs, startedAtMs = submittedAtMs, completedAtMs = startedAtMs } = execution;
  const { scannedBytes, manifestLocation } = execution;
  return {
    DataScannedInBytes: scannedBytes,
    EngineExecutionTimeInMillis: completedAtMs - startedAtMs,
    QueryQueueTimeInMillis: startedAtMs - submittedAtMs,
    TotalExecutionTimeInMillis: completedAtMs - submittedAtMs,
    ServiceProcessingTimeInMillis: 0,
    ...(manifestLocation === undefined ? {} : { DataManifestLocation: manifestLocation }),
  };
};

export const describeExecution = (execution: Execution): object => ({
  QueryExecutionId: execution.id,
  Query: execution.query,
  StatementType: statementType(execution.query),
  SubstatementType: substatementType(execution.query),
  ResultConfiguration: { OutputLocation: execution.outputLocation },
  QueryExecutionContext:
    execution.database === undefined
      ? {}
      : { Database: execution.database, Catalog: 'awsdatacatalog' },
  Status: statusOf(execution),
  Statistics: statisticsOf(execution),
  WorkGroup: execution.workGroup,
  EngineVersion: {
    SelectedEngineVersion: 'AUTO',
    EffectiveEngineVersion: 'Athena engine version 3',
  },
  ...(execution.parameters === undefined ? {} : { ExecutionParameters: execution.parameters }),
});
