/** npm start: the platform on this machine, from the template that would be deployed. */
import { join } from 'node:path';
import { assemblyCache } from './launch/assembly-cache.ts';
import { showCounters } from './launch/counters.ts';
import { type Flags, flagsOf, USAGE } from './launch/flags.ts';
import { type Platform, startPlatform } from './launch/platform.ts';
import {
  adviceFor,
  refuseForeignEndpoints,
  refuseFullDisk,
  refuseOldNode,
} from './launch/preflight.ts';
import { createStages, type Stages, silentStages } from './launch/stages.ts';
import { welcome } from './launch/welcome.ts';

const root = join(import.meta.dirname, '..');
/** A stop that takes longer than this is a fault of ours; nobody should wait for it. */
const STOP_MAX_MS = 10_000;

const assemblyOf = async (flags: Flags, stages: Stages): Promise<string> => {
  if (flags.assembly !== undefined) return flags.assembly;
  const cache = assemblyCache(root);
  await stages.run('functions bundled', cache.bundle);
  const { folder } = await stages.run('template synthesized', () => cache.synth(flags));
  return folder;
};

const start = async (flags: Flags, stages: Stages): Promise<Platform> => {
  await stages.run('machine checked', () => {
    refuseOldNode(process.versions.node);
    refuseForeignEndpoints(process.env);
    refuseFullDisk(flags.dataDir);
  });
  const assemblyFolder = await assemblyOf(flags, stages);
  return stages.run('services, streams, tables, routes', () =>
    startPlatform({
      ...flags,
      assemblyFolder,
      bundles: join(root, 'dist', 'functions'),
      report: (fault) => console.error(adviceFor(fault) ?? fault),
      // Over the line of counters, which comes again below it.
      say: (text) => stages.say(process.stdout.isTTY ? `\r\u001b[2K  ${text}` : `  ${text}`),
    }),
  );
};

/** Ctrl-C, or the end of whoever started us. */
const stopOnSignal = (platform: Platform, beforeStop: () => void): void => {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    beforeStop();
    setTimeout(() => process.exit(1), STOP_MAX_MS).unref();
    platform.close().then(
      () => process.exit(0),
      (fault: unknown) => {
        console.error(fault);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
};

const readyLine = ({ apiUrl, endpointUrl, demoKey }: Platform): string =>
  JSON.stringify({ ready: true, apiUrl, endpointUrl, demoKey, pid: process.pid });

const main = async (): Promise<void> => {
  const sinceMs = performance.now();
  const flags = flagsOf(root, process.argv.slice(2), process.env);
  if (flags.help) {
    console.log(USAGE);
    return;
  }
  const stages = flags.json ? silentStages : createStages((text) => process.stdout.write(text));
  const platform = await start(flags, stages);
  let stopCounters = (): void => undefined;
  stopOnSignal(platform, () => stopCounters());
  if (flags.json) {
    process.stdout.write(`${readyLine(platform)}\n`);
    return;
  }
  stages.say(`  ready after ${((performance.now() - sinceMs) / 1_000).toFixed(1)} s`);
  stages.say(welcome(platform, flags.keys));
  stopCounters = showCounters(platform, process.stdout);
};

main().catch((fault: unknown) => {
  const advice = adviceFor(fault);
  console.error(`✗ ${fault instanceof Error ? fault.message : String(fault)}`);
  if (advice !== undefined) console.error(`  ${advice}`);
  process.exit(1);
});
