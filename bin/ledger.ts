import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { dynamoTallyReader } from '../functions/adapters/dynamo-tally-reader.ts';
import { type LakeFolder, lakeLines } from '../functions/adapters/s3-lake-reader.ts';
import { isClosed, type LedgerRange, openLedger } from '../functions/core/analytics/ledger.ts';
import { ledgerText } from '../functions/core/analytics/ledger-text.ts';
import { decodeMinuteSums } from '../functions/core/analytics/minute-sums.ts';
import { type EpochMs, epochMs, fromRfc3339 } from '../functions/core/time.ts';

const USAGE = `npm run ledger -- --from 2026-11-21T09:00Z --to 2026-11-21T10:00Z [--stage dev] [--tenant main]
Closes the minutes of arrival in [from, to) from the lake; exits with 1 where something is missing.
Firehose brings events to the lake within 60 s: a minute younger than that shows as counted and not
landed. On a laptop, POST /_tributary/flush at the endpoint delivers at once.
Works with your AWS credentials; AWS_ENDPOINT_URL=http://localhost:4566 addresses the local cloud.`;

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    stage: { type: 'string', default: 'dev' },
    tenant: { type: 'string', default: 'main' },
  },
});

class Misuse extends Error {}

const HOUR_MS = 3_600_000;
/** An object may hold records of the hour after its own; what was spilled lands days later. */
const EARLIER_MS = HOUR_MS;
const LATER_MS = 96 * HOUR_MS;
const MINUTES_MAX = 1_440;

const instant = (name: 'from' | 'to'): EpochMs => {
  const at = fromRfc3339(values[name] ?? '');
  if (at === undefined) throw new Misuse(USAGE);
  return epochMs(Math.floor(at / 60_000) * 60_000);
};

const parameter = async (name: string): Promise<string> => {
  const Name = `/tributary/${values.stage}/${name}`;
  const { Parameter } = await new SSMClient().send(new GetParameterCommand({ Name }));
  if (Parameter?.Value === undefined) throw new Misuse(`the parameter ${Name} is empty`);
  return Parameter.Value;
};

const main = async (): Promise<boolean> => {
  const range: LedgerRange = { from: instant('from'), to: instant('to') };
  const first = range.from / 60_000;
  const count = range.to / 60_000 - first;
  if (count < 1 || count > MINUTES_MAX) throw new Misuse(`from 1 to ${MINUTES_MAX} minutes a run`);
  const [bucket, table] = await Promise.all([
    parameter('buckets/lake'),
    parameter('tables/records'),
  ]);
  const s3 = new S3Client({ forcePathStyle: true });
  const ledger = openLedger(range);
  const landing = {
    from: epochMs(range.from - EARLIER_MS),
    to: epochMs(Math.min(Date.now() + HOUR_MS, range.to + LATER_MS)),
  };
  const take = { raw: ledger.takeRaw, enriched: ledger.takeEnriched };
  for (const folder of ['raw', 'enriched'] satisfies readonly LakeFolder[]) {
    for await (const line of lakeLines(s3, bucket, folder, landing)) take[folder](line);
  }

  const reader = dynamoTallyReader(new DynamoDBClient(), table, Date.now);
  const minutes = Array.from({ length: count }, (_, place) => first + place);
  const counted = [];
  for (const tenant of new Set([values.tenant, ...ledger.tenants()])) {
    const rows = await reader.minutes(tenant, minutes);
    for (const [place, minute] of minutes.entries()) {
      for (const { sums } of rows[place] ?? []) {
        counted.push({ tenant, minute, ...decodeMinuteSums(sums) });
      }
    }
  }
  const report = ledger.close(counted);
  console.log(ledgerText(report).join('\n'));
  return isClosed(report);
};

try {
  if (!(await main())) process.exitCode = 1;
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault);
  process.exitCode = 2;
}
