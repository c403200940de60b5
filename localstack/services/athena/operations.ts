/** Athena's API, as far as the platform and a person with the CLI use it. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { AwsFault, type Input, type Operation } from '../aws-json.ts';
import { describeExecution, type Execution } from './execution.ts';
import type { ExecutionStore } from './execution-store.ts';
import { parseLocation, type StoredObjects } from './objects.ts';
import { withParameters } from './parameters.ts';
import type { ResultPages } from './results.ts';
import type { Runner } from './runner.ts';
import { describeWorkGroup, type WorkGroup } from './workgroup.ts';

export interface AthenaParts {
  readonly objects: StoredObjects;
  readonly store: ExecutionStore;
  readonly runner: Runner;
  readonly results: ResultPages;
  readonly groups: ReadonlyMap<string, WorkGroup>;
  readonly now: () => number;
}

const QUERY_BYTES_MAX = 262_144;
const IDS_PER_BATCH_MAX = 50;

const invalid = (message: string): AwsFault => new AwsFault('InvalidRequestException', message);

const groupOf = ({ groups }: AthenaParts, input: Input): WorkGroup => {
  const name = String(input.WorkGroup ?? 'primary');
  const group = groups.get(name);
  if (group === undefined) throw invalid(`WorkGroup ${name} is not found.`);
  return group;
};

/** An enforced workgroup decides alone; else the client's word counts first. */
const locationOf = ({ objects }: AthenaParts, group: WorkGroup, input: Input): string => {
  const configuration = input.ResultConfiguration as
    | { readonly OutputLocation?: string }
    | undefined;
  const given = group.enforced ? undefined : configuration?.OutputLocation;
  const location = given ?? group.outputLocation;
  if (location === undefined) {
    throw invalid(
      'No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
    );
  }
  if (!/^s3:\/\/[^/]+\//.test(location))
    throw invalid(`outputLocation is not a valid S3 path: ${location}`);
  const { bucket } = parseLocation(location);
  if (!existsSync(objects.folder(bucket))) {
    throw invalid(`Unable to verify/create output bucket ${bucket}`);
  }
  return location.replace(/\/*$/, '/');
};

const queryOf = (input: Input): string => {
  const query = input.QueryString;
  if (typeof query !== 'string' || query.trim() === '')
    throw invalid('QueryString must not be empty');
  if (Buffer.byteLength(query) > QUERY_BYTES_MAX) {
    throw invalid(`QueryString is longer than ${QUERY_BYTES_MAX} bytes`);
  }
  return query;
};

/** The same token is the same start; with another statement it is a mistake. */
const startedBefore = (parts: AthenaParts, input: Input): Execution | undefined => {
  const token = input.ClientRequestToken;
  if (typeof token !== 'string') return undefined;
  const before = parts.store.byToken(token);
  if (before !== undefined && before.query !== input.QueryString) {
    throw invalid('Idempotent parameters do not match');
  }
  return before;
};

/** Whoever waits for it by its token sees it go on, as if nothing had ended it. */
const begunAgain = ({ wasCutOff, reason, completedAtMs, ...execution }: Execution): Execution => ({
  ...execution,
  state: 'QUEUED',
});

const start = (parts: AthenaParts, input: Input): object => {
  const query = queryOf(input);
  const before = startedBefore(parts, input);
  const group = groupOf(parts, input);
  if (before !== undefined) {
    if (before.wasCutOff) parts.runner.submit(begunAgain(before), group);
    return { QueryExecutionId: before.id };
  }
  if (!group.enabled) throw invalid(`WorkGroup ${group.name} is disabled.`);
  const context = input.QueryExecutionContext as { readonly Database?: string } | undefined;
  const parameters = input.ExecutionParameters as readonly string[] | undefined;
  withParameters(query, parameters);
  const id = randomUUID();
  const execution: Execution = {
    id,
    query,
    workGroup: group.name,
    outputLocation: `${locationOf(parts, group, input)}${id}.csv`,
    state: 'QUEUED',
    submittedAtMs: parts.now(),
    scannedBytes: 0,
    ...(context?.Database === undefined ? {} : { database: context.Database.toLowerCase() }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(typeof input.ClientRequestToken === 'string' ? { token: input.ClientRequestToken } : {}),
  };
  parts.runner.submit(execution, group);
  return { QueryExecutionId: id };
};

const found = ({ store }: AthenaParts, input: Input): Execution => {
  const id = String(input.QueryExecutionId ?? '');
  const execution = store.get(id);
  if (execution === undefined) throw invalid(`QueryExecution ${id} was not found`);
  return execution;
};

const batchGet = ({ store }: AthenaParts, input: Input): object => {
  const ids = Array.isArray(input.QueryExecutionIds) ? input.QueryExecutionIds.map(String) : [];
  if (ids.length === 0 || ids.length > IDS_PER_BATCH_MAX) {
    throw invalid(`QueryExecutionIds must hold 1 to ${IDS_PER_BATCH_MAX} ids`);
  }
  const known = ids.flatMap((id) => store.get(id) ?? []);
  return {
    QueryExecutions: known.map(describeExecution),
    UnprocessedQueryExecutionIds: ids
      .filter((id) => store.get(id) === undefined)
      .map((id) => ({
        QueryExecutionId: id,
        ErrorCode: 'INVALID_INPUT',
        ErrorMessage: 'was not found',
      })),
  };
};

const list = (parts: AthenaParts, input: Input): object => {
  const ids = parts.store.list(groupOf(parts, input).name).map(({ id }) => id);
  const begin = Number(input.NextToken ?? 0);
  const end = begin + Number(input.MaxResults ?? IDS_PER_BATCH_MAX);
  return {
    QueryExecutionIds: ids.slice(begin, end),
    ...(end < ids.length ? { NextToken: String(end) } : {}),
  };
};

export const operations = (parts: AthenaParts): Readonly<Record<string, Operation>> => ({
  StartQueryExecution: (input) => start(parts, input),
  GetQueryExecution: (input) => ({ QueryExecution: describeExecution(found(parts, input)) }),
  BatchGetQueryExecution: (input) => batchGet(parts, input),
  ListQueryExecutions: (input) => list(parts, input),
  GetQueryResults: (input) => parts.results.page(found(parts, input), input),
  StopQueryExecution: async (input) => {
    await parts.runner.stop(found(parts, input).id);
    return {};
  },
  GetWorkGroup: (input) => ({ WorkGroup: describeWorkGroup(groupOf(parts, input)) }),
  ListWorkGroups: () => ({
    WorkGroups: [...parts.groups.values()].map(({ name, enabled, description = '' }) => ({
      Name: name,
      State: enabled ? 'ENABLED' : 'DISABLED',
      Description: description,
    })),
  }),
});
