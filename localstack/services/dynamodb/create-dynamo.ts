/** DynamoDB and DynamoDB Streams of the local cloud, durable before each answer. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { LocalService, RecordSource } from '../../cloud.ts';
import { jsonService } from '../aws-json.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { globalTable } from './global-table.ts';
import { itemOperations } from './item-operations.ts';
import { streamOperations } from './stream-operations.ts';
import { tableOperations } from './table-operations.ts';

export interface DynamoOptions extends Omit<EngineOptions, 'path' | 'region' | 'accountId'> {
  /** The data folder of the local cloud; the tables live in `dynamodb` below it. */
  readonly dataDir: string;
  readonly region?: string;
  readonly accountId?: string;
  /** How often expiry and retention are looked at, in real time; 0 leaves it to `upkeep`. */
  readonly upkeepEveryMs?: number;
  readonly report?: (fault: unknown) => void;
}

export interface Dynamo extends LocalService {
  /** A table's stream by its ARN. */
  readonly recordSource: (arn: string) => RecordSource | undefined;
  /** Expiry, retention and the roll of old shards, judged by the injected clock. */
  readonly upkeep: () => Promise<void>;
}

const UPKEEP_EVERY_DEFAULT_MS = 60_000;

export const createDynamo = async (options: DynamoOptions): Promise<Dynamo> => {
  const { dataDir, region = 'us-east-1', accountId = '000000000000', report } = options;
  const path = join(dataDir, 'dynamodb');
  const engine = await Engine.open({ ...options, path, region, accountId });
  const tables = jsonService({
    version: '1.0',
    operations: { ...tableOperations(engine), ...itemOperations(engine) },
    report,
  });
  const streams = jsonService({ version: '1.0', operations: streamOperations(engine), report });

  let upkeeping: Promise<void> = Promise.resolve();
  const upkeep = (): Promise<void> => {
    upkeeping = upkeeping.then(() => engine.upkeep());
    return upkeeping;
  };
  const everyMs = options.upkeepEveryMs ?? UPKEEP_EVERY_DEFAULT_MS;
  const timer =
    everyMs > 0
      ? setInterval(() => upkeep().catch((fault) => report?.(fault)), everyMs)
      : undefined;
  timer?.unref();

  return {
    handle: (request: IncomingMessage, response: ServerResponse) => {
      const target = String(request.headers['x-amz-target'] ?? '');
      const serve = target.startsWith('DynamoDBStreams_') ? streams : tables;
      serve(request, response);
    },
    resourceTypes: [globalTable(engine)],
    recordSource: (arn) =>
      engine.settings
        .allStreams()
        .find(([, { state }]) => state.arn === arn)?.[1]
        .source(),
    upkeep,
    close: async () => {
      clearInterval(timer);
      await upkeeping.catch(() => undefined);
      await engine.close();
    },
  };
};
