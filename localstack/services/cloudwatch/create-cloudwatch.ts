/** CloudWatch of the local cloud: metrics of the engines, of calls, and of the functions' logs. */
import type { RequestListener } from 'node:http';
import type { LocalService, MetricSink } from '../../cloud.ts';
import { jsonService, type Operation } from '../aws-json.ts';
import { rpcCborService } from '../rpc-cbor.ts';
import { measurementsIn } from './emf.ts';
import { createMinutes } from './minutes.ts';
import { metricOperations } from './operations.ts';
import { unitOf } from './units.ts';

export interface CloudWatchOptions {
  readonly clock: { readonly now: () => number };
  readonly report?: (fault: unknown) => void;
}

export interface CloudWatch extends LocalService {
  /** Where the other services put what they measure of themselves. */
  readonly metrics: MetricSink;
  /** Takes the metrics out of a line that a function printed. */
  readonly readLine: (line: string) => void;
}

/** JSON has no instants: the protocol writes seconds. */
const inSeconds = (value: unknown): unknown => {
  if (value instanceof Date) return value.getTime() / 1_000;
  if (Array.isArray(value)) return value.map(inSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inSeconds(one)]));
};

const forJson = (operation: Operation): Operation => {
  return async (input) => Object(inSeconds(await operation(input)));
};

export const createCloudWatch = ({ clock, report }: CloudWatchOptions): CloudWatch => {
  const minutes = createMinutes(clock.now);
  const operations = metricOperations(minutes, clock.now);
  const json = jsonService({
    version: '1.0',
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => [name, forJson(operation)]),
    ),
    report,
  });
  const cbor = rpcCborService({ operations, report });
  const handle: RequestListener = (request, response) =>
    (request.headers['smithy-protocol'] === 'rpc-v2-cbor' ? cbor : json)(request, response);
  return {
    handle,
    resourceTypes: [],
    metrics: {
      put: (namespace, name, dimensions, value, atMs) =>
        minutes.add({
          ...{ namespace, name, dimensions, atMs, unit: unitOf(name) },
          ...{ sum: value, count: 1, least: value, most: value },
        }),
    },
    readLine: (line) => {
      for (const measurement of measurementsIn(line)) minutes.add(measurement);
    },
    close: async () => undefined,
  };
};
