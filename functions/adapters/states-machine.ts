import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Machine } from '../ports/machine.ts';

/** `arn:…:stateMachine:name` → `arn:…:execution:name:<execution>` */
const executionArn = (machineArn: string, name: string): string =>
  `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** A standard machine: starting the same execution again, while it runs, is the same start. */
export const statesMachine = (
  client: Pick<SFNClient, 'send'>,
  stateMachineArn: string,
): Machine => ({
  start: async (name, input) => {
    try {
      await client.send(
        new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
      );
      return 'started';
    } catch (fault) {
      if (fault instanceof ExecutionAlreadyExists) return 'exists';
      throw fault;
    }
  },
  stateOf: async (name) => {
    try {
      const { status } = await client.send(
        new DescribeExecutionCommand({ executionArn: executionArn(stateMachineArn, name) }),
      );
      return status === 'RUNNING' || status === 'PENDING_REDRIVE' ? 'running' : 'ended';
    } catch (fault) {
      if (fault instanceof ExecutionDoesNotExist) return 'missing';
      throw fault;
    }
  },
});
