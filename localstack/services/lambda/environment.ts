/**
 * The variables of one copy: Lambda's own, the template's, and the ones that keep it on this
 * machine. Nothing of the user's shell passes, so neither does an AWS profile.
 */
import { devNull } from 'node:os';
import { REGION } from '../../template/pseudo.ts';
import type { FunctionDefinition } from './definition.ts';

export interface Surroundings {
  /** The one endpoint of every AWS service. */
  readonly endpointUrl: string;
  readonly runtimeApi: string;
  readonly logStream: string;
  /** Compiled code is kept here, so that a second cold start is shorter. */
  readonly compileCache: string;
  readonly clockOffsetMs: number;
  readonly more: Readonly<Record<string, string>>;
}

export const environmentOf = (
  definition: FunctionDefinition,
  { endpointUrl, runtimeApi, logStream, compileCache, clockOffsetMs, more }: Surroundings,
): Readonly<Record<string, string>> => ({
  ...definition.environment,
  ...more,
  // As the role of the function would sign: the endpoint can tell who calls.
  AWS_ACCESS_KEY_ID: definition.name,
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: 'local',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL: endpointUrl,
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EXECUTION_ENV: `AWS_Lambda_${definition.runtime}`,
  AWS_LAMBDA_FUNCTION_NAME: definition.name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: logStream,
  AWS_LAMBDA_RUNTIME_API: runtimeApi,
  LAMBDA_TASK_ROOT: definition.folder,
  LANG: 'en_US.UTF-8',
  NODE_COMPILE_CACHE: compileCache,
  PATH: process.env.PATH ?? '',
  TRIBUTARY_CLOCK_OFFSET_MS: String(clockOffsetMs),
  TZ: ':UTC',
  _HANDLER: definition.handler,
});
