import { parseArgs } from 'node:util';
import { lakeTagsOf } from '../functions/core/nightly/lake-tags.ts';
import { startRun } from '../functions/nightly/start-run.ts';
import { config } from '../tributary.config.ts';
import {
  addressDeployment,
  DEPLOYMENT_OPTIONS,
  faultText,
  WORKS_WITH,
} from './deployment/deployment.ts';
import { nightlyPorts, watchRun } from './deployment/nightly-ports.ts';

const USAGE = `npm run backfill -- --tag <name> [--tag <name>…] [--wait]
Fills tags of tributary.config.ts from all that the lake has, and loads every user. It is a run of the
nightly job: \`npm run nightly -- list\` shows it. --wait tells its steps, and first waits for a run that
is at work. Resources are found by the parameters /tributary/<stage>/… (--deployment dev).
${WORKS_WITH}`;

class Misuse extends Error {}

const { values } = parseArgs({
  options: {
    tag: { type: 'string', multiple: true },
    wait: { type: 'boolean', default: false },
    deployment: { type: 'string', default: 'dev' },
    ...DEPLOYMENT_OPTIONS,
  },
});
addressDeployment(values);

const versionsOf = (names: readonly string[]): readonly string[] => {
  const tags = lakeTagsOf(config);
  return names.flatMap((wanted) => {
    const versions = tags.filter(({ name }) => name === wanted).map(({ version }) => version);
    if (versions.length > 0) return versions;
    throw new Misuse(
      `tributary.config.ts has no tag "${wanted}" with the source both or batch; it has ${tags.map(({ name }) => name).join(', ')}.`,
    );
  });
};

const backfill = async (versions: readonly string[]): Promise<void> => {
  const ports = await nightlyPorts(values.deployment);
  for (;;) {
    const { kind, runId } = await startRun(ports, versions);
    if (kind === 'started') {
      console.log(`${runId}  started: ${versions.join(', ')}`);
      const ended = values.wait ? await watchRun(ports, runId) : undefined;
      if (ended !== undefined && ended.status !== 'succeeded') process.exitCode = 1;
      return;
    }
    if (!values.wait)
      throw new Misuse(`The run ${runId} is at work; ask again when it has ended, or --wait.`);
    console.error(`${runId}  at work already; the backfill waits for it`);
    await watchRun(ports, runId);
  }
};

try {
  if (values.tag === undefined) throw new Misuse(USAGE);
  await backfill(versionsOf(values.tag));
} catch (fault) {
  console.error(faultText(fault));
  process.exitCode = 2;
}
