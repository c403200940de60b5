/** A local SQS in a process of its own, to be killed: prints its URL and its queue's, then waits. */
import { listen } from '../../localstack/launch/listen.ts';
import { createSqs } from '../../localstack/services/sqs/create-sqs.ts';

const [, , dataDir = ''] = process.argv;
const sqs = createSqs({ dataDir, clock: { now: Date.now }, endpointUrl: 'http://127.0.0.1:1' });
const queue = await sqs.resourceTypes[0]?.create({
  stack: 'data',
  logicalId: 'Spill',
  type: 'AWS::SQS::Queue',
  physicalName: 'data-Spill',
  properties: { VisibilityTimeout: 60 },
  metadata: {},
});
const port = await listen(sqs.handle, 0, '--port');
const url = `http://127.0.0.1:${port.port}`;
process.stdout.write(`${JSON.stringify({ url, queueUrl: queue?.ref })}\n`);
