/** The whole platform in this process, functions in theirs: for `npm start` and for tests. */
import { join } from 'node:path';
import { endpoint, type RequestInterceptor, type Services } from '../endpoint.ts';
import { readAssembly } from '../template/assembly.ts';
import { type InterpretedStack, interpret } from '../template/interpret.ts';
import { createClock, type MovableClock } from './clock.ts';
import { control } from './control.ts';
import { seedDemoTenant } from './demo-key.ts';
import { shortNames } from './function-names.ts';
import { listen, type OpenPort } from './listen.ts';
import { takeLock } from './lock.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { forgetState } from './reset.ts';
import { createServices, type LocalCloud } from './services.ts';

export interface PlatformOptions {
  /** What `cdk synth` wrote. */
  readonly assemblyFolder: string;
  /** Where everything that survives a restart is kept. */
  readonly dataDir: string;
  /** 0 takes any free port. */
  readonly apiPort: number;
  readonly endpointPort: number;
  /** The bundles, for the functions' short names. */
  readonly bundles: string;
  /** Demand keys: no demo key is added to requests without one. */
  readonly keys?: boolean;
  /** Functions look for fault doors. */
  readonly faults?: boolean;
  /** Forget the state of earlier runs first. */
  readonly reset?: boolean;
  readonly clockOffsetMs?: number;
  /** Sees each request to the endpoint before the services do; true: it has answered. */
  readonly intercept?: RequestInterceptor;
  readonly report?: (fault: unknown) => void;
  /** Hears what whoever looks at the terminal should know. */
  readonly say?: (text: string) => void;
}

export interface Platform {
  readonly apiUrl: string;
  readonly endpointUrl: string;
  readonly demoKey: string;
  /** Which cache there is, or that there is none. */
  readonly cache: string;
  readonly stacks: readonly InterpretedStack[];
  readonly clock: MovableClock;
  readonly metrics: Metrics;
  /** Answers of the HTTP API so far, by status. */
  readonly answers: ReadonlyMap<number, number>;
  readonly copies: () => ReadonlyMap<string, readonly number[]>;
  readonly close: () => Promise<void>;
}

/** What was started so far, ended in the opposite order; also where the start fails half-way. */
const endings = () => {
  const steps: (() => Promise<void> | void)[] = [];
  return {
    add: (step: () => Promise<void> | void): void => {
      steps.push(step);
    },
    run: async (): Promise<void> => {
      for (const step of steps.splice(0).reverse()) await step();
    },
  };
};

const recordsTableOf = (cloud: LocalCloud, assemblyFolder: string): string => {
  for (const { template } of readAssembly(assemblyFolder).stacks) {
    for (const { Default = '' } of Object.values(template.Parameters ?? {})) {
      if (Default.endsWith('/tables/records')) return parameterOf(cloud)(Default);
    }
  }
  throw new Error('no template reads the parameter …/tables/records');
};

const faultVariables = (
  { faults, assemblyFolder }: PlatformOptions,
  cloud: LocalCloud | undefined,
): Readonly<Record<string, string>> => {
  if (faults !== true || cloud === undefined) return {};
  return { FAULT_DOORS: 'on', FAULT_DOORS_TABLE: recordsTableOf(cloud, assemblyFolder) };
};

const parameterOf =
  ({ ssm }: LocalCloud) =>
  (name: string): string => {
    const value = ssm.parameter(name);
    if (value === undefined) throw new Error(`no parameter of Systems Manager is called ${name}`);
    return value;
  };

interface Opening {
  readonly options: PlatformOptions;
  readonly clock: MovableClock;
  readonly metrics: Metrics;
  readonly answers: Map<number, number>;
  readonly onEnd: (step: () => Promise<void> | void) => void;
}

const openEndpoint = async (
  { options, clock, onEnd }: Opening,
  cloud: () => LocalCloud | undefined,
): Promise<OpenPort> => {
  const health = () => ({
    offsetMs: clock.offsetMs(),
    functions: Object.fromEntries(cloud()?.lambda.copies() ?? []),
    inFlight: cloud()?.mapping.inFlight() ?? 0,
    redelivered: cloud()?.mapping.redelivered() ?? 0,
    drained: cloud()?.mapping.drained() ?? false,
    cache: cloud()?.cache.process(),
  });
  const noServices: Services = {};
  const isAnswered = control({ clock, health, flush: async () => cloud()?.firehose.flush() });
  const port = await listen(
    endpoint({
      services: () => cloud()?.services ?? noServices,
      control: (request, response) =>
        isAnswered(request, response) || options.intercept?.(request, response) === true,
    }),
    options.endpointPort,
    '--endpoint-port',
  );
  onEnd(port.close);
  return port;
};

const open = async (opening: Opening): Promise<Platform> => {
  const { options, clock, metrics, answers, onEnd } = opening;
  const { assemblyFolder, dataDir } = options;
  const report = options.report ?? (() => undefined);
  onEnd(await takeLock(dataDir));
  if (options.reset === true) forgetState(dataDir);

  let cloud: LocalCloud | undefined;
  let demoKey = '';
  let isReady = false;
  const endpointPort = await openEndpoint(opening, () => cloud);
  const endpointUrl = `http://127.0.0.1:${endpointPort.port}`;
  // Taken before any work is done, so that a taken port is said at once; answers once all stands.
  const api = await listen(
    (request, response) => {
      if (cloud === undefined || !isReady) response.writeHead(503).end();
      else cloud.httpApi.front(request, response);
    },
    options.apiPort,
    '--port',
  );
  onEnd(api.close);
  const apiUrl = `http://localhost:${api.port}`;
  cloud = await createServices({
    dataDir,
    assemblyFolder,
    clock,
    metrics,
    endpointUrl,
    apiUrl,
    shortNameOf: shortNames(options.bundles),
    moreVariables: () => faultVariables(options, cloud),
    demoKey: () => (options.keys === true || demoKey === '' ? undefined : demoKey),
    onRequest: (status) => answers.set(status, (answers.get(status) ?? 0) + 1),
    report,
    say: options.say,
  });
  const made = cloud;
  onEnd(made.close);
  const stacks = await interpret(readAssembly(assemblyFolder), made.registry, parameterOf(made));
  demoKey = await seedDemoTenant({
    endpointUrl,
    table: recordsTableOf(made, assemblyFolder),
    keyFile: join(dataDir, 'demo-key'),
    nowMs: clock.now(),
  });
  isReady = true;
  made.states.resume();
  return {
    apiUrl,
    endpointUrl: `http://localhost:${endpointPort.port}`,
    demoKey,
    cache: made.cache.said(),
    stacks,
    clock,
    metrics,
    answers,
    copies: made.lambda.copies,
    close: async () => undefined,
  };
};

export const startPlatform = async (options: PlatformOptions): Promise<Platform> => {
  const { add: onEnd, run } = endings();
  const clock = createClock(options.clockOffsetMs ?? 0);
  try {
    const platform = await open({
      options,
      clock,
      metrics: createMetrics(),
      answers: new Map(),
      onEnd,
    });
    return { ...platform, close: run };
  } catch (fault) {
    await run();
    throw fault;
  }
};
