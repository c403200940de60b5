/**
 * For each property that the local cloud says it honours, a changed template behaves differently,
 * or is refused with a sentence. A property that is honoured without a row here fails the last test.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalCloud } from '../../localstack/launch/services.ts';
import { functionRows, routeRows } from './honoured-functions.ts';
import { lakeRows } from './honoured-lake.ts';
import { machineRows } from './honoured-machines.ts';
import { mappingRows } from './honoured-mappings.ts';
import { queueRows } from './honoured-queues.ts';
import type { Row } from './honoured-rows.ts';
import { deliveryRows, streamRows, tableRows } from './honoured-services.ts';
import { type SmallTemplate, smallTemplate, smallWorld } from './small-world.ts';
import { wholeCloud } from './whole-cloud.ts';

const ROWS: readonly Row[] = [
  ...queueRows,
  ...machineRows,
  ...streamRows,
  ...tableRows,
  ...deliveryRows,
  ...functionRows,
  ...routeRows,
  ...mappingRows,
  ...lakeRows,
];

const given = (row: Row): SmallTemplate => {
  const template = smallTemplate();
  if ('observe' in row) row.given?.(template);
  return template;
};

const changed = (row: Row): SmallTemplate => {
  const template = given(row);
  row.change(template);
  return template;
};

const seenIn = async (template: SmallTemplate, row: Row): Promise<unknown> => {
  const world = await smallWorld(template);
  try {
    return 'observe' in row ? await row.observe(world) : 'it stands';
  } finally {
    await world.close();
  }
};

describe.each([...new Set(ROWS.map(({ type }) => type))])('%s', (type) => {
  test.each(ROWS.filter((row) => row.type === type).map((row) => [row.path, row] as const))(
    '%s is honoured',
    async (_path, row) => {
      if ('refused' in row) {
        await expect(seenIn(changed(row), row)).rejects.toThrow(row.refused);
        return;
      }
      expect(row.before).not.toEqual(row.after);
      expect(await seenIn(given(row), row)).toEqual(row.before);
      expect(await seenIn(changed(row), row)).toEqual(row.after);
    },
  );
});

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await wholeCloud();
});
afterAll(() => cloud.close());

const HELD = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Athena::WorkGroup',
  'AWS::DynamoDB::GlobalTable',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::Kinesis::Stream',
  'AWS::KinesisFirehose::DeliveryStream',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::SQS::Queue',
  'AWS::StepFunctions::StateMachine',
];

test.each(HELD)('every honoured property of %s has a row here, and every row one', (type) => {
  const honoured = [...(cloud.registry.get(type)?.honoured ?? [])].sort((a, b) =>
    a.localeCompare(b),
  );
  const rows = ROWS.filter((row) => row.type === type).map(({ path }) => path);
  expect(rows.sort((a, b) => a.localeCompare(b))).toEqual(honoured);
});
