/** Every service of the local cloud, made in the order in which they need each other. */
import { join } from 'node:path';
import type { LocalService, MetricSink, Resources, ResourceType } from '../cloud.ts';
import type { Services } from '../endpoint.ts';
import { type Athena, createAthena } from '../services/athena/create-athena.ts';
import { createCloudWatch } from '../services/cloudwatch/create-cloudwatch.ts';
import { createDynamo, type Dynamo } from '../services/dynamodb/create-dynamo.ts';
import { createCache, type LocalCache } from '../services/elasticache/elasticache.ts';
import { createFirehose, type Firehose } from '../services/firehose/create-firehose.ts';
import { createHttpApi, type HttpApi } from '../services/http-api/http-api.ts';
import { createKinesis, type LocalKinesis } from '../services/kinesis/kinesis.ts';
import { createLambda, type Lambda } from '../services/lambda/lambda.ts';
import { openLog } from '../services/lambda/log-file.ts';
import { createMappings, type LocalMappings } from '../services/mapping/mapping.ts';
import { createS3, type S3 } from '../services/s3/create-s3.ts';
import { createScheduler } from '../services/scheduler/create-scheduler.ts';
import { createSqs } from '../services/sqs/create-sqs.ts';
import { createSsm, type Ssm } from '../services/ssm/create-ssm.ts';
import { createStates, type States } from '../services/states/create-states.ts';
import { createSts } from '../services/sts/sts.ts';
import { registryOf, type TypeRegistry } from '../template/coverage.ts';
import { inertResourceTypes } from '../template/inert.ts';
import type { MovableClock } from './clock.ts';
import type { Metrics } from './metrics.ts';

export interface ServiceOptions {
  readonly dataDir: string;
  readonly assemblyFolder: string;
  readonly clock: MovableClock;
  readonly metrics: Metrics;
  readonly endpointUrl: string;
  readonly apiUrl: string;
  readonly shortNameOf: (assetFolder: string) => string | undefined;
  /** For every copy of every function, beside the template's. */
  readonly moreVariables?: () => Readonly<Record<string, string>>;
  readonly demoKey: () => string | undefined;
  /** Where a server of the cache is looked for. */
  readonly environment?: Readonly<NodeJS.ProcessEnv>;
  readonly onRequest: (status: number) => void;
  /** Hears of a fault that no caller will see. */
  readonly report: (fault: unknown) => void;
  /** Hears what whoever looks at the terminal should know. */
  readonly say?: (text: string) => void;
}

export interface LocalCloud {
  readonly services: Services;
  readonly registry: TypeRegistry;
  readonly lambda: Lambda;
  readonly httpApi: HttpApi;
  readonly ssm: Ssm;
  readonly dynamodb: Dynamo;
  readonly firehose: Firehose;
  readonly kinesis: LocalKinesis;
  readonly mapping: LocalMappings;
  readonly s3: S3;
  readonly athena: Athena;
  readonly states: States;
  readonly cache: LocalCache;
  /** In the opposite order: what calls ends before what is called. */
  readonly close: () => Promise<void>;
}

const closeInTurn = async (services: readonly LocalService[]): Promise<void> => {
  for (const service of services) await service.close();
};

/** AWS has delivered long before a night begins; on a laptop the last minutes would be missing. */
const flushFirst =
  ({ flush }: Firehose, say: (text: string) => void) =>
  async ({ name }: { readonly name: string }): Promise<void> => {
    await flush();
    say(`Firehose flushed: the lake holds all that was in the streams when ${name} started`);
  };

const both = (one: MetricSink, other: MetricSink): MetricSink => ({
  put: (...measured) => {
    one.put(...measured);
    other.put(...measured);
  },
});

export const createServices = async (options: ServiceOptions): Promise<LocalCloud> => {
  const { dataDir, clock, report } = options;
  const monitoring = createCloudWatch({ clock, report });
  const metrics = both(options.metrics, monitoring.metrics);
  const common = { dataDir, clock, metrics, report, random: Math.random };
  const ssm = createSsm(common);
  const cache = createCache({ environment: options.environment ?? process.env, report });
  const s3 = await createS3(common);
  const athena = createAthena({ ...common, objects: { ...s3.objects, folder: s3.objectFolder } });
  const dynamodb = await createDynamo(common);
  const kinesis = createKinesis({ ...common, clock: clock.now });
  const sqs = createSqs({ ...common, endpointUrl: options.endpointUrl });
  const resources: Resources = {
    messageQueue: sqs.messageQueue,
    recordSource: (arn) => kinesis.recordSource(arn) ?? dynamodb.recordSource(arn),
  };
  const lambda = await createLambda({
    ...options,
    clockOffsetMs: clock.offsetMs,
    onLine: monitoring.readLine,
  });
  const mapping = createMappings({
    ...common,
    clock: clock.now,
    resources,
    objects: s3.objects,
    invoker: lambda.invoker,
  });
  const firehose = await createFirehose({ ...common, resources, objects: s3.objects });
  const scheduler = await createScheduler({ ...common, invoker: lambda.invoker });
  const statesLog = openLog(join(dataDir, 'logs'), 'state-machines');
  const states = createStates({
    ...common,
    invoker: lambda.invoker,
    endpointUrl: options.endpointUrl,
    log: statesLog.write,
    prepare: flushFirst(firehose, (text) => {
      statesLog.write(`${new Date(clock.now()).toISOString()} ${text}\n`);
      options.say?.(text);
    }),
  });
  const httpApi = createHttpApi({
    invoker: lambda.invoker,
    now: clock.now,
    url: options.apiUrl,
    demoKey: options.demoKey,
    onRequest: options.onRequest,
  });
  const services = {
    apigateway: httpApi,
    athena,
    dynamodb,
    firehose,
    glue: athena.glue,
    kinesis,
    lambda,
    mapping,
    monitoring,
    s3,
    scheduler,
    sqs,
    ssm,
    states,
    sts: createSts(),
  };
  const types: readonly ResourceType[] = [
    ...inertResourceTypes,
    ...cache.resourceTypes,
    ...Object.values(services).flatMap((service) => service.resourceTypes),
  ];
  return {
    services,
    registry: registryOf(types),
    lambda,
    httpApi,
    ssm,
    dynamodb,
    firehose,
    kinesis,
    mapping,
    s3,
    athena,
    states,
    cache,
    close: async () => {
      await closeInTurn([mapping, scheduler, states, firehose, httpApi, lambda]);
      await cache.close();
      await closeInTurn([athena, kinesis, sqs, dynamodb, s3, ssm]);
    },
  };
};
