/** A machine in the whole local cloud: it finds in the lake what was in the stream when it started. */
import { setTimeout as after } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { machineOf } from '../core/engines/machine-world.ts';
import { put } from './honoured-rows.ts';
import { type SmallTemplate, smallTemplate, smallWorld } from './small-world.ts';

const call = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: '$'.concat('{Function}'), Payload: {} },
  ResultSelector: { 'who.$': '$.Payload.who' },
  ResultPath: '$.called',
};
const query = {
  Type: 'Task',
  Resource: 'arn:aws:states:::athena:startQueryExecution.sync',
  Parameters: {
    QueryString: 'SELECT count(*) FROM lake.lines',
    WorkGroup: '$'.concat('{WorkGroup}'),
  },
  ResultSelector: { 'id.$': '$.QueryExecution.QueryExecutionId' },
  ResultPath: '$.query',
};
const read = {
  Type: 'Task',
  Resource: 'arn:aws:states:::athena:getQueryResults',
  Parameters: { 'QueryExecutionId.$': '$.query.id' },
  ResultSelector: { 'lines.$': '$.ResultSet.Rows[1].Data[0].VarCharValue' },
  ResultPath: '$.counted',
};

const withMachine = (): SmallTemplate => {
  const location = (prefix: string): object => ({
    'Fn::Join': ['', ['s3://', { Ref: 'Bucket' }, `/${prefix}/`]],
  });
  return {
    ...smallTemplate(),
    Database: {
      Type: 'AWS::Glue::Database',
      Properties: { CatalogId: '000000000000', DatabaseInput: { Name: 'lake' } },
    },
    Lines: {
      Type: 'AWS::Glue::Table',
      Properties: {
        CatalogId: '000000000000',
        DatabaseName: { Ref: 'Database' },
        TableInput: {
          Name: 'lines',
          TableType: 'EXTERNAL_TABLE',
          StorageDescriptor: {
            Columns: [{ Name: 'line', Type: 'string' }],
            Location: location('raw'),
            InputFormat: 'in',
            OutputFormat: 'out',
            SerdeInfo: {
              SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
            },
          },
        },
      },
    },
    WorkGroup: {
      Type: 'AWS::Athena::WorkGroup',
      Properties: {
        Name: 'nightly',
        WorkGroupConfiguration: {
          EnforceWorkGroupConfiguration: true,
          ResultConfiguration: { OutputLocation: location('athena') },
        },
      },
    },
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        DefinitionString: JSON.stringify(
          machineOf(['call', call], ['query', query], ['read', read]),
        ),
        DefinitionSubstitutions: {
          Function: { 'Fn::GetAtt': ['Function', 'Arn'] },
          WorkGroup: { Ref: 'WorkGroup' },
        },
      },
    },
  };
};

test('Firehose is flushed before the first state, a function is called, and a query counts the lines', async () => {
  const world = await smallWorld(withMachine());
  try {
    await put(world, 'Stream');
    await put(world, 'Stream');
    const { executionArn } = await world.call('AWSStepFunctions.StartExecution', {
      stateMachineArn: world.ref('Machine'),
    });
    const describe = () => world.call('AWSStepFunctions.DescribeExecution', { executionArn });
    let told = await describe();
    for (; told.status === 'RUNNING'; told = await describe()) await after(10);
    expect(told).toMatchObject({ status: 'SUCCEEDED' });
    expect(JSON.parse(String(told.output))).toMatchObject({
      called: { who: 'one' },
      // Firehose joins records as they are, and these two end no line.
      counted: { lines: '1' },
    });
  } finally {
    await world.close();
  }
});
