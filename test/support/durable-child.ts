/** DynamoDB and S3 of the local cloud as a process of its own, to be killed: says its port on stdout. */

import { createS3 } from '../../localstack/services/s3/create-s3.ts';
import { startDynamo } from './dynamo.ts';
import { serve } from './served.ts';

const [, , dataDir = ''] = process.argv;
const clock = { now: Date.now };
const dynamo = await startDynamo({ dataDir, clock, shards: { lanes: 2, rollAfterRecords: 20 } });
const s3 = await createS3({ dataDir, clock });
await s3.resourceTypes[0]?.create({
  stack: 'data',
  logicalId: 'Lake',
  type: 'AWS::S3::Bucket',
  physicalName: 'lake',
  properties: { VersioningConfiguration: { Status: 'Enabled' } },
  metadata: {},
});
const served = await serve(s3.handle);
process.stdout.write(`${JSON.stringify({ dynamodb: dynamo.url, s3: served.url })}\n`);

// A test run that dies takes its child along.
process.stdin.resume().on('end', () => process.exit());
