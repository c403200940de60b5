/**
 * A local Step Functions in a process of its own, to be killed: prints its URL, then waits. Its one
 * function takes 15 ms and notes in a file that it was called and, after that, that it has answered.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { listen } from '../../localstack/launch/listen.ts';
import { createStates } from '../../localstack/services/states/create-states.ts';

const [, , dataDir = '', notes = '', definition = ''] = process.argv;
const note = (what: string, payload: string): void =>
  appendFileSync(notes, `${JSON.stringify([what, JSON.parse(payload)])}\n`);
const states = createStates({
  dataDir,
  clock: { now: Date.now },
  random: Math.random,
  metrics: { put: () => undefined },
  endpointUrl: 'http://127.0.0.1:1',
  invoker: {
    invoke: async (_, payload) => {
      note('called', payload);
      await after(15);
      note('answered', payload);
      return { payload };
    },
  },
  prepare: async () => note('prepared', '0'),
});
const machine = await states.resourceTypes[0]?.create({
  stack: 'p',
  logicalId: 'Nightly',
  type: 'AWS::StepFunctions::StateMachine',
  physicalName: 'nightly',
  properties: { DefinitionString: definition },
  metadata: {},
});
const port = await listen(states.handle, 0, '--port');
states.resume();
const url = `http://127.0.0.1:${port.port}`;
process.stdout.write(`${JSON.stringify({ url, machineArn: machine?.ref })}\n`);
