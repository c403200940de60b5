import { parseArgs } from 'node:util';
import { runLine } from '../functions/core/nightly/run-text.ts';
import { acceptRun, findRun, startRun } from '../functions/nightly/start-run.ts';
import {
  addressDeployment,
  DEPLOYMENT_OPTIONS,
  faultText,
  WORKS_WITH,
} from './deployment/deployment.ts';
import { nightlyPorts, watchRun } from './deployment/nightly-ports.ts';

const USAGE = `npm run nightly -- start [--wait]       starts the nightly job now
npm run nightly -- list                 the last runs, the newest first
npm run nightly -- --accept <runId> [--wait]
                                        loads a run that the guard refused
Resources are found by the parameters /tributary/<stage>/… (--deployment dev).
${WORKS_WITH}`;

const RUNS_LISTED = 20;

class Misuse extends Error {}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    accept: { type: 'string' },
    wait: { type: 'boolean', default: false },
    deployment: { type: 'string', default: 'dev' },
    ...DEPLOYMENT_OPTIONS,
  },
});
addressDeployment(values);

const list = async (): Promise<void> => {
  const ports = await nightlyPorts(values.deployment);
  const runs = await ports.runs.latest(RUNS_LISTED);
  for (const { runId } of runs) {
    // One that is said to be running is looked at.
    const run = await findRun(ports, runId);
    if (run !== undefined) console.log(runLine(run));
  }
  if (runs.length === 0) console.error('no run yet; `start` starts one');
};

const follow = async (said: string, runId: string): Promise<void> => {
  console.log(`${runId}  ${said}`);
  if (!values.wait) return;
  const { status } = await watchRun(await nightlyPorts(values.deployment), runId);
  if (status !== 'succeeded') process.exitCode = 1;
};

const start = async (): Promise<void> => {
  const { kind, runId } = await startRun(await nightlyPorts(values.deployment));
  await follow(kind === 'started' ? 'started' : 'at work already', runId);
};

const accept = async (wanted: string): Promise<void> => {
  const accepted = await acceptRun(await nightlyPorts(values.deployment), wanted);
  if (accepted.kind === 'refused') throw new Misuse(accepted.because);
  if (accepted.kind === 'running')
    throw new Misuse(`The run ${accepted.runId} is at work; accept this one when it has ended.`);
  await follow('started again, to be loaded whatever the guard says', accepted.runId);
};

const [command] = positionals;
try {
  if (values.accept !== undefined) await accept(values.accept);
  else if (command === 'start') await start();
  else if (command === 'list') await list();
  else throw new Misuse(USAGE);
} catch (fault) {
  console.error(faultText(fault));
  process.exitCode = 2;
}
