/** `npm run cost`: what a month costs, by size and by writer; `-- --write` keeps it as a document. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Followers } from '../bench/followers.ts';
import type { Results } from '../bench/report.ts';
import { traffic } from '../bench/traffic.ts';
import { type SizeName, sizes } from '../lib/config.ts';
import { floorText, monthlyFloor } from '../lib/cost/floor.ts';
import { monthlyCost } from '../lib/cost/monthly-cost.ts';
import { planFor } from '../lib/cost/plan.ts';
import type { CostInput } from '../lib/cost/rates.ts';
import { costDocument } from '../lib/cost/report.ts';
import { ASSUMED, type CpuMs, type Traffic } from '../lib/cost/volume.ts';
import { tributary } from '../lib/tributary-app.ts';
import { bundleFunctions } from './bundle.ts';

const EVENTS_PER_REQUEST = 10;
const OTHER_REQUESTS = [1, 5, 10, 25] as const;
const SECONDS_PER_DAY = 86_400;
const RATES = [
  { name: '1 M a day, standard', size: 'standard', eventsPerSecond: 1e6 / SECONDS_PER_DAY },
  { name: '100 M a day, standard', size: 'standard', eventsPerSecond: 1e8 / SECONDS_PER_DAY },
  { name: '100,000 a second, scale', size: 'scale', eventsPerSecond: 100_000 },
] as const;

/** Events a second. */
const PLANNED = [1_000, 10_000, 30_000, 100_000] as const;

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

/** Alarms of the synthesized template, whose own figure of the floor must be ours. */
const alarmsOf = (size: SizeName): number => {
  const outdir = mkdtempSync(join(tmpdir(), 'tributary-cost-'));
  try {
    const { app, platform } = tributary({ app: { outdir, context: { size } } });
    const { template } = app.synth().getStackArtifact(platform.artifactId);
    const alarms = Object.values(Object(template.Resources)).filter((resource) =>
      String(Object(resource).Type).endsWith('Alarm'),
    ).length;
    const said = template.Outputs.AboutUsdPerMonth.Value;
    const floor = floorText(monthlyFloor(sizes[size], { alarms }));
    if (said !== floor) throw new Error(`the stack says ${said}, the model says ${floor}`);
    return alarms;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};

const known = new Map<number, Traffic>();
const weighed = (eventsPerRequest: number): Traffic => {
  const found = known.get(eventsPerRequest) ?? traffic(eventsPerRequest);
  known.set(eventsPerRequest, found);
  return found;
};

const kept = <R>(name: string): R =>
  JSON.parse(readFileSync(join(root, 'bench', 'results', `${name}.json`), 'utf8'));
const bench = kept<Results>('event-path');
const followers = kept<Followers>('followers');

const cpuOf = (stage: string): number => {
  const figure = bench.eventPath[stage]?.[EVENTS_PER_REQUEST];
  if (figure === undefined) {
    throw new Error(`the bench has no figure of "${stage}" at ${EVENTS_PER_REQUEST} a request`);
  }
  return figure.cpuSecondsPerMillionEvents / 1_000;
};

const cpuOfChange = (what: string): number => {
  const figure = followers.changes[what];
  if (figure === undefined) throw new Error(`the bench has no figure of "${what}"`);
  return figure.cpuSecondsPerMillionEvents / 1_000;
};

const main = async (): Promise<void> => {
  await bundleFunctions();
  const cpuMs: CpuMs = {
    collect: cpuOf('decode and validate'),
    enrich: cpuOf('enrich'),
    aggregate: cpuOf('fold with dedupe'),
    timelineRow: cpuOfChange('timeline row'),
    tally: cpuOfChange('tally'),
    project: cpuOfChange('project'),
  };
  const alarms = new Map(
    Object.values(sizes).map(({ size }) => [size as SizeName, alarmsOf(size)] as const),
  );
  const inputOf = (size: SizeName, eventsPerRequest: number): CostInput => ({
    config: sizes[size],
    alarms: alarms.get(size) ?? 0,
    traffic: weighed(eventsPerRequest),
    cpuMs,
    assumed: ASSUMED,
  });
  const costOf = ({ size, eventsPerSecond }: (typeof RATES)[number], eventsPerRequest: number) =>
    monthlyCost(inputOf(size, eventsPerRequest), eventsPerSecond);
  const document = costDocument({
    floors: [...alarms].map(([size, count]) => ({
      size,
      floor: monthlyFloor(sizes[size], { alarms: count }),
      config: sizes[size],
    })),
    rates: RATES.map((rate) => ({ name: rate.name, cost: costOf(rate, EVENTS_PER_REQUEST) })),
    plan: PLANNED.map((eventsPerSecond) =>
      planFor(inputOf('scale', EVENTS_PER_REQUEST), eventsPerSecond),
    ),
    perRequest: OTHER_REQUESTS.map((events) => ({
      events,
      usdPerMillion: costOf(RATES[1], events).usdPerMillion,
    })),
    traffic: weighed(EVENTS_PER_REQUEST),
    assumed: ASSUMED,
    cpuMs,
    cpuFrom: [bench, followers].map(({ machine, commit }) => `${machine} at ${commit}`).join(', '),
  });
  console.log(document);
  if (values.write) writeFileSync(join(root, 'docs', 'cost.md'), document);
};

await main();
