/** Lambda: the template's functions, each in its own processes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionInvoker, Invocation, LocalService, ResourceType } from '../../cloud.ts';
import { childRecord } from './child-record.ts';
import { startCopy } from './copy.ts';
import { definitionOf, type FunctionDefinition, functionProperties } from './definition.ts';
import { functionNameOf, invokeApi, PAYLOAD_BYTES_MAX } from './invoke-api.ts';
import { openLog } from './log-file.ts';
import { createPool, type Pool } from './pool.ts';
import { startRuntimeApi } from './runtime-api.ts';

export interface LambdaOptions {
  /** The folder that `cdk synth` wrote: assets lie in it. */
  readonly assemblyFolder: string;
  readonly dataDir: string;
  /** Where the functions find every AWS service. */
  readonly endpointUrl: string;
  readonly clockOffsetMs: () => number;
  /** For every copy, beside the template's. */
  readonly moreVariables?: () => Readonly<Record<string, string>>;
  /** What people call the function whose asset lies in this folder: the name of its log. */
  readonly shortNameOf?: (assetFolder: string) => string | undefined;
  /** Hears what functions print, line by line: metrics are among it. */
  readonly onLine?: (line: string) => void;
}

export interface Lambda extends LocalService {
  readonly invoker: FunctionInvoker;
  readonly functions: () => readonly FunctionDefinition[];
  /** Process ids of the living copies, by function. */
  readonly copies: () => ReadonlyMap<string, readonly number[]>;
}

const tooLarge: Invocation = {
  error: 'unhandled',
  payload: JSON.stringify({
    errorType: 'RequestTooLargeException',
    errorMessage: `Request must be smaller than ${PAYLOAD_BYTES_MAX} bytes for the InvokeFunction operation`,
  }),
};

export const createLambda = async (options: LambdaOptions): Promise<Lambda> => {
  const { assemblyFolder, dataDir, endpointUrl, clockOffsetMs } = options;
  const shortNameOf = options.shortNameOf ?? (() => undefined);
  const moreVariables = options.moreVariables ?? (() => ({}));
  const runtimeApi = await startRuntimeApi();
  const children = childRecord(join(dataDir, 'children'));
  const compileCache = join(dataDir, 'cache', 'compiled');
  const functions = new Map<string, FunctionDefinition>();
  const pools = new Map<string, Pool>();

  const add = (definition: FunctionDefinition): void => {
    const log = openLog(join(dataDir, 'logs'), shortNameOf(definition.folder) ?? definition.name);
    const common = { definition, runtimeApi, log, children, endpointUrl, compileCache };
    functions.set(definition.name, definition);
    pools.set(
      definition.name,
      createPool(definition.reservedCopies, (events) =>
        startCopy({ ...common, clockOffsetMs, moreVariables, onLine: options.onLine }, events),
      ),
    );
  };
  const functionType: ResourceType = {
    type: 'AWS::Lambda::Function',
    ...functionProperties,
    create: async (resource) => {
      const definition = definitionOf(resource, assemblyFolder);
      if (!existsSync(definition.folder)) throw new Error(`no asset at ${definition.folder}`);
      add(definition);
      return { ref: definition.name, attributes: { Arn: definition.arn } };
    },
  };
  const invoker: FunctionInvoker = {
    invoke: async (reference, payload) => {
      const pool = pools.get(functionNameOf(reference));
      if (pool === undefined) throw new Error(`no function is called ${reference}`);
      return Buffer.byteLength(payload) > PAYLOAD_BYTES_MAX ? tooLarge : pool.invoke(payload);
    },
  };
  return {
    invoker,
    handle: invokeApi({ functions, invoker }),
    resourceTypes: [functionType],
    functions: () => [...functions.values()],
    copies: () =>
      new Map(
        [...pools].map(([name, pool]) => [
          name,
          pool.copies().flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
        ]),
      ),
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      await runtimeApi.close();
    },
  };
};
