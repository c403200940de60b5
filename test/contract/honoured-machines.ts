/** State machines; what their states do is in states.test.ts. */
import type { Row } from './honoured-rows.ts';
import { all, set } from './honoured-rows.ts';
import type { SmallTemplate, SmallWorld } from './small-world.ts';

const MACHINE = 'AWS::StepFunctions::StateMachine';

const passing = (result: string) => ({
  StartAt: 'one',
  States: { one: { Type: 'Pass', Result: result, End: true } },
});

const written = (template: SmallTemplate): void => {
  const DefinitionString = JSON.stringify(passing('first'));
  template.Machine = { Type: MACHINE, Properties: { DefinitionString, RoleArn: 'role' } };
};

const asObject = (template: SmallTemplate): void => {
  template.Machine = { Type: MACHINE, Properties: { Definition: passing('first') } };
};

const substituted = (template: SmallTemplate): void => {
  const DefinitionString = JSON.stringify(passing('$'.concat('{which}')));
  const DefinitionSubstitutions = { which: 'first' };
  template.Machine = { Type: MACHINE, Properties: { DefinitionString, DefinitionSubstitutions } };
};

/** What an execution of it gives. */
const output = async (world: SmallWorld): Promise<unknown> => {
  const { executionArn } = await world.call('AWSStepFunctions.StartExecution', {
    stateMachineArn: world.ref('Machine'),
  });
  for (;;) {
    const told = await world.call('AWSStepFunctions.DescribeExecution', { executionArn });
    if (told.status !== 'RUNNING') return JSON.parse(String(told.output));
  }
};

export const machineRows: readonly Row[] = [
  {
    type: MACHINE,
    path: 'DefinitionString',
    given: written,
    change: set('Machine', 'DefinitionString', JSON.stringify(passing('second'))),
    observe: output,
    before: 'first',
    after: 'second',
  },
  {
    type: MACHINE,
    path: 'Definition',
    given: asObject,
    change: set('Machine', 'Definition.States.one.Result', 'second'),
    observe: output,
    before: 'first',
    after: 'second',
  },
  {
    type: MACHINE,
    path: 'DefinitionSubstitutions',
    given: substituted,
    change: set('Machine', 'DefinitionSubstitutions.which', 'second'),
    observe: output,
    before: 'first',
    after: 'second',
  },
  {
    type: MACHINE,
    path: 'StateMachineName',
    given: written,
    change: set('Machine', 'StateMachineName', 'own-name'),
    observe: async (world) => world.attribute('Machine', 'Name'),
    before: 'small-Machine',
    after: 'own-name',
  },
  {
    type: MACHINE,
    path: 'StateMachineType',
    change: all(written, set('Machine', 'StateMachineType', 'EXPRESS')),
    refused: 'STANDARD machines',
  },
];
