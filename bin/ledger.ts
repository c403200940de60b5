import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { dynamoProfileStore } from '../functions/adapters/dynamo-profile-store.ts';
import { dynamoTallyReader } from '../functions/adapters/dynamo-tally-reader.ts';
import { type LakeFolder, lakeLines } from '../functions/adapters/s3-lake-reader.ts';
import {
  isClosed,
  type Ledger,
  type LedgerRange,
  type LedgerReport,
  openLedger,
} from '../functions/core/analytics/ledger.ts';
import { openSuspects, type Suspect } from '../functions/core/analytics/ledger-suspects.ts';
import { ledgerText, type Named } from '../functions/core/analytics/ledger-text.ts';
import { decodeMinuteSums } from '../functions/core/analytics/minute-sums.ts';
import { decodeMemory } from '../functions/core/profile/memory-codec.ts';
import { type EpochMs, epochMs, fromRfc3339 } from '../functions/core/time.ts';
import {
  addressDeployment,
  DEPLOYMENT_OPTIONS,
  faultText,
  parametersOf,
  WORKS_WITH,
} from './deployment/deployment.ts';

const USAGE = `npm run ledger -- --from 2026-11-21T09:00Z --to 2026-11-21T10:00Z [--stage dev] [--tenant main]
npm run ledger -- --last 60      the 60 minutes before the last 15
Closes the minutes of arrival in [from, to) from the lake. Exits with 1 where something is missing,
with 2 where it could not look.
Firehose brings events to the lake within 60 s: a minute younger than that shows as counted and not
landed. On a laptop, POST /_tributary/flush at the endpoint delivers at once.
${WORKS_WITH}`;

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    last: { type: 'string' },
    stage: { type: 'string', default: 'dev' },
    tenant: { type: 'string', default: 'main' },
    ...DEPLOYMENT_OPTIONS,
  },
});
addressDeployment(values);

class Misuse extends Error {}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** An object may hold records of the hour after its own; what was spilled lands days later. */
const EARLIER_MS = HOUR_MS;
const LATER_MS = 96 * HOUR_MS;
const MINUTES_MAX = 1_440;
/** A younger minute may have a gap because its events are on their way. */
const SETTLED_MINUTES = 15;

const instant = (name: 'from' | 'to'): EpochMs => {
  const at = fromRfc3339(values[name] ?? '');
  if (at === undefined) throw new Misuse(USAGE);
  return epochMs(Math.floor(at / MINUTE_MS) * MINUTE_MS);
};

const rangeOf = (): LedgerRange => {
  if (values.last === undefined) return { from: instant('from'), to: instant('to') };
  if (!/^\d{1,4}$/.test(values.last)) throw new Misuse(USAGE);
  const to = (Math.floor(Date.now() / MINUTE_MS) - SETTLED_MINUTES) * MINUTE_MS;
  return { from: epochMs(to - Number(values.last) * MINUTE_MS), to: epochMs(to) };
};

const parameter = parametersOf(values.stage);

type Lake = (folder: LakeFolder) => AsyncGenerator<string>;

const openLake = async ({ from, to }: LedgerRange): Promise<Lake> => {
  const s3 = new S3Client({ forcePathStyle: true });
  const bucket = await parameter('buckets/lake');
  const landing = {
    from: epochMs(from - EARLIER_MS),
    to: epochMs(Math.min(Date.now() + HOUR_MS, to + LATER_MS)),
  };
  return (folder) => lakeLines(s3, bucket, folder, landing);
};

/** What `tally` counted in the range, row by row. */
const countedOf = async (dynamo: DynamoDBClient, { from, to }: LedgerRange, ledger: Ledger) => {
  const reader = dynamoTallyReader(dynamo, await parameter('tables/records'), Date.now);
  const first = from / MINUTE_MS;
  const minutes = Array.from({ length: to / MINUTE_MS - first }, (_, place) => first + place);
  const counted = [];
  for (const tenant of new Set([values.tenant, ...ledger.tenants()])) {
    const rows = await reader.minutes(tenant, minutes);
    for (const [place, minute] of minutes.entries()) {
      for (const { sums } of rows[place] ?? []) {
        counted.push({ tenant, minute, ...decodeMinuteSums(sums) });
      }
    }
  }
  return counted;
};

/** A minute's row says how many are missing; the users of that minute know which. */
const suspectsOf = async (
  dynamo: DynamoDBClient,
  lake: Lake,
  { minutes }: LedgerReport,
): Promise<Named> => {
  const gaps = minutes.filter(({ gap }) => gap > 0);
  if (gaps.length === 0) return { suspects: [], unasked: [] };
  const suspects = openSuspects(gaps);
  for await (const line of lake('enriched')) suspects.take(line);
  const profiles = dynamoProfileStore(dynamo, await parameter('tables/profiles'));
  const named: Suspect[] = [];
  for (const origin of suspects.origins()) {
    const profile = await profiles.load(origin);
    // Of an item that cannot be read nothing was counted since, and nothing is known.
    const memory =
      profile === undefined || 'unreadable' in profile ? undefined : decodeMemory(profile.memory);
    named.push(...suspects.of(origin, memory));
  }
  return { suspects: named, unasked: suspects.unasked() };
};

const main = async (): Promise<boolean> => {
  const range = rangeOf();
  const count = (range.to - range.from) / MINUTE_MS;
  if (count < 1 || count > MINUTES_MAX) throw new Misuse(`from 1 to ${MINUTES_MAX} minutes a run`);
  const lake = await openLake(range);
  const dynamo = new DynamoDBClient();
  const ledger = openLedger(range);
  for await (const line of lake('raw')) ledger.takeRaw(line);
  for await (const line of lake('enriched')) ledger.takeEnriched(line);
  const report = ledger.close(await countedOf(dynamo, range, ledger));
  console.log(ledgerText(report, await suspectsOf(dynamo, lake, report)).join('\n'));
  return isClosed(report);
};

try {
  if (!(await main())) process.exitCode = 1;
} catch (fault) {
  console.error(faultText(fault));
  process.exitCode = 2;
}
