/** What the commands of the nightly job need of a deployment, and how they watch a run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { dynamoRunStore } from '../../functions/adapters/dynamo-run-store.ts';
import { statesMachine } from '../../functions/adapters/states-machine.ts';
import type { Run } from '../../functions/core/nightly/run.ts';
import { endLine } from '../../functions/core/nightly/run-text.ts';
import { findRun, type StartPorts } from '../../functions/nightly/start-run.ts';
import { parametersOf } from './deployment.ts';

const WATCHED_EVERY_MS = 1_000;

export const nightlyPorts = async (stage: string): Promise<StartPorts> => {
  const parameter = parametersOf(stage);
  const [table, machine] = await Promise.all([
    parameter('tables/records'),
    parameter('machines/nightly'),
  ]);
  return {
    runs: dynamoRunStore(new DynamoDBClient(), table),
    machine: statesMachine(new SFNClient(), machine),
    now: Date.now,
    random: Math.random,
  };
};

/** Tells each step as it comes, until the run has ended. */
export const watchRun = async (ports: StartPorts, runId: string): Promise<Run> => {
  for (let step = ''; ; await sleep(WATCHED_EVERY_MS)) {
    const run = await findRun(ports, runId);
    if (run === undefined) throw new Error(`the run ${runId} is gone`);
    if (run.status !== 'running') {
      console.log(endLine(run));
      return run;
    }
    if (run.step !== step) console.error(`${runId}  ${run.step}`);
    step = run.step;
  }
};
