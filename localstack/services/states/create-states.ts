/** Step Functions of the local cloud: standard machines in JSONPath, durable, resumed after a restart. */
import { join } from 'node:path';
import type { FunctionInvoker, LocalService, MetricSink, ResourceType } from '../../cloud.ts';
import type { ExecutionFacts } from '../../engines/states/engine.ts';
import { jsonService } from '../aws-json.ts';
import { type Executions, openExecutions } from './executions.ts';
import { HONOURED, INERT, machineSpec } from './machine-properties.ts';
import { statesOperations } from './operations.ts';
import { createTasks } from './tasks.ts';

export interface StatesOptions {
  /** Executions live in the folder `states` below it. */
  readonly dataDir: string;
  readonly clock: { readonly now: () => number };
  readonly random: () => number;
  readonly metrics: MetricSink;
  readonly invoker: FunctionInvoker;
  readonly endpointUrl: string;
  /** Done before the first state of each execution. */
  readonly prepare?: (facts: ExecutionFacts) => Promise<void>;
  readonly log?: (line: string) => void;
  readonly region?: string;
  readonly accountId?: string;
  readonly report?: (fault: unknown) => void;
}

export interface States extends LocalService {
  /** Once all that tasks call is there: goes on with what an earlier process left. */
  readonly resume: () => void;
}

const NAME = /^[A-Za-z0-9_-]{1,80}$/;

export const createStates = (options: StatesOptions): States => {
  const { region = 'us-east-1', accountId = '000000000000', report = () => undefined } = options;
  const { prepare = async () => undefined, log = () => undefined } = options;
  const machines = new Map<string, Executions>();
  const runTask = createTasks(options);
  const arnOf = (kind: string, name: string): string =>
    `arn:aws:states:${region}:${accountId}:${kind}:${name}`;

  const machineType: ResourceType = {
    type: 'AWS::StepFunctions::StateMachine',
    honoured: HONOURED,
    inert: INERT,
    create: async (resource) => {
      const spec = machineSpec(resource);
      const { name } = spec;
      if (!NAME.test(name)) throw new Error(`not a state machine's name: ${name}`);
      const arn = arnOf('stateMachine', name);
      const executionArn = (execution: string): string =>
        arnOf('execution', `${name}:${execution}`);
      const folder = join(options.dataDir, 'states', name);
      const common = { ...options, runTask, prepare, log, report };
      machines.set(name, openExecutions({ ...common, folder, spec, arn, executionArn }));
      return { ref: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: 'INITIAL' } };
    },
  };
  return {
    handle: jsonService({ version: '1.0', operations: statesOperations(machines), report }),
    resourceTypes: [machineType],
    resume: () => {
      for (const machine of machines.values()) machine.resume();
    },
    close: async () => {
      for (const machine of machines.values()) machine.close();
    },
  };
};
