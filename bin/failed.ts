import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { kinesisEventStream } from '../functions/adapters/kinesis-event-stream.ts';
import { s3FailedArchive } from '../functions/adapters/s3-failed-archive.ts';
import { groupFailed, listFailed, showFailed } from '../functions/admin/list-failed.ts';
import { DISCARDED_OBJECTS_MAX, redriveFailed } from '../functions/admin/redrive-failed.ts';
import type { Scope } from '../functions/admin/walk-failed.ts';
import { lookupTables } from '../functions/core/enrichment/lookup-tables.ts';
import { FAILED_STAGES } from '../functions/core/failed/failed-event.ts';
import { OBJECTS_MAX, type RedriveAnswer } from '../functions/core/failed/failed-schemas.ts';
import {
  entryLine,
  groupLine,
  redrivenLine,
  shownLines,
  sumLine,
} from '../functions/core/failed/failed-text.ts';
import { config } from '../tributary.config.ts';
import {
  addressDeployment,
  DEPLOYMENT_OPTIONS,
  faultText,
  parametersOf,
  WORKS_WITH,
} from './deployment/deployment.ts';

const USAGE = `npm run failed -- list [--stage s] [--reason r] [--discarded] [--group] [--limit 1000]
npm run failed -- show <key>
npm run failed -- redrive <key>… | --all | --reason r  [--stage s] [--dry-run] [--discarded]
A stage is ${FAILED_STAGES.join(', ')}. --discarded means what mappings gave up on. --all and --reason
leave out what was sent before; a key that is named is sent again. Resources are found by the parameters
/tributary/<stage>/… (--deployment dev).
${WORKS_WITH}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    stage: { type: 'string' },
    reason: { type: 'string' },
    all: { type: 'boolean', default: false },
    discarded: { type: 'boolean', default: false },
    group: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    limit: { type: 'string', default: '1000' },
    deployment: { type: 'string', default: 'dev' },
    ...DEPLOYMENT_OPTIONS,
  },
});
addressDeployment(values);

class Misuse extends Error {}

const parameter = parametersOf(values.deployment);

const archiveNamed = async () =>
  s3FailedArchive(new S3Client({ forcePathStyle: true }), await parameter('buckets/failed'));

const scopeOf = (after?: string): Scope => {
  const stage = FAILED_STAGES.find((one) => one === values.stage);
  if (values.stage !== undefined && stage === undefined) {
    throw new Misuse(`--stage is one of ${FAILED_STAGES.join(', ')}`);
  }
  return {
    discarded: values.discarded,
    ...(stage !== undefined && { stage }),
    ...(values.reason !== undefined && { reason: values.reason }),
    ...(after !== undefined && { after }),
  };
};

const list = async (): Promise<void> => {
  const most = Number(values.limit);
  if (!Number.isInteger(most) || most < 1) throw new Misuse('--limit is a whole number from 1');
  const archive = await archiveNamed();
  let shown = 0;
  let after: string | undefined;
  do {
    if (values.group) {
      const page = await groupFailed(archive, scopeOf(after));
      for (const group of page.groups) console.log(groupLine(group));
      shown += page.groups.length;
      after = page.cursor;
    } else {
      const page = await listFailed(archive, scopeOf(after), Math.min(OBJECTS_MAX, most - shown));
      for (const entry of page.failed) console.log(entryLine(entry));
      shown += page.failed.length;
      after = page.cursor;
    }
  } while (after !== undefined && shown < most);
  if (shown === 0) console.error('nothing failed that is kept under these names');
  if (after !== undefined) console.error(`stopped at --limit ${most}; there may be more`);
};

const show = async (key: string | undefined): Promise<void> => {
  if (key === undefined) throw new Misuse('which one? `list` shows the keys');
  const shown = await showFailed(await archiveNamed(), key);
  if (shown === undefined)
    throw new Misuse(`nothing is kept under ${key}; \`list\` shows the keys`);
  for (const line of shownLines(shown)) console.log(line);
};

/** At most so many objects a step, whose events are on the stream before the next one. */
const steps = function* (keys: readonly string[]) {
  for (let at = 0; at < keys.length; at += DISCARDED_OBJECTS_MAX) {
    yield keys.slice(at, at + DISCARDED_OBJECTS_MAX);
  }
};

const redrive = async (keys: readonly string[]): Promise<boolean> => {
  const isWide = values.all || values.reason !== undefined;
  if (keys.length > 0 === isWide) throw new Misuse('name keys, or else --all or --reason');
  const ports = {
    archive: await archiveNamed(),
    stream: kinesisEventStream(new KinesisClient(), await parameter('streams/raw')),
    tables: lookupTables,
    money: { currency: config.currency, rates: config.rates },
    ...{ now: Date.now, sleep },
  };
  const dryRun = values['dry-run'];
  const answers: RedriveAnswer[] = [];
  const step = async (wanted: { keys?: readonly string[]; after?: string }) => {
    const answer = await redriveFailed(ports, {
      ...(wanted.keys !== undefined && { keys: wanted.keys }),
      scope: scopeOf(wanted.after),
      dryRun,
      objectsMax: OBJECTS_MAX,
    });
    answers.push(answer);
    for (const line of answer.redriven) console.log(redrivenLine(line));
    for (const key of answer.missing) console.log(`missing         ${key}`);
    return answer.cursor;
  };
  if (isWide) {
    let after: string | undefined;
    do after = await step({ ...(after !== undefined && { after }) });
    while (after !== undefined);
  } else for (const some of steps(keys)) await step({ keys: some });
  console.error(sumLine(answers, dryRun));
  const all = answers.flatMap(({ redriven }) => redriven);
  return (
    answers.every(({ missing }) => missing.length === 0) &&
    all.every(({ status }) => status !== 'not_stored')
  );
};

const [command, ...keys] = positionals;
try {
  if (command === 'list') await list();
  else if (command === 'show') await show(keys[0]);
  else if (command === 'redrive') {
    if (!(await redrive(keys))) process.exitCode = 1;
  } else throw new Misuse(USAGE);
} catch (fault) {
  console.error(faultText(fault));
  process.exitCode = 2;
}
