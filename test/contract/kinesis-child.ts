/** A local Kinesis in a process of its own, to be killed: prints its URL, then waits. */
import { listen } from '../../localstack/launch/listen.ts';
import { createKinesis } from '../../localstack/services/kinesis/kinesis.ts';

const [, , dataDir = ''] = process.argv;
const kinesis = createKinesis({
  dataDir,
  clock: Date.now,
  random: Math.random,
  metrics: { put: () => undefined },
});
const port = await listen(kinesis.handle, 0, '--port');
process.stdout.write(`http://127.0.0.1:${port.port}\n`);
