/** Small functions written to a folder, run by the local Lambda as the template would have them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionInvoker } from '../../localstack/cloud.ts';
import { createLambda, type Lambda } from '../../localstack/services/lambda/lambda.ts';

export interface LambdaHarness {
  readonly lambda: Lambda;
  readonly dataDir: string;
  readonly invoker: FunctionInvoker;
  /** Creates a function from source text; gives back its name. */
  readonly create: (
    name: string,
    source: string,
    properties?: Readonly<Record<string, unknown>>,
  ) => Promise<string>;
  readonly shiftTo: (offsetMs: number) => void;
  readonly close: () => Promise<void>;
}

export const lambdaHarness = async (): Promise<LambdaHarness> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tributary-lambda-'));
  let offsetMs = 0;
  const lambda = await createLambda({
    assemblyFolder: dataDir,
    dataDir,
    endpointUrl: 'http://127.0.0.1:4566',
    clockOffsetMs: () => offsetMs,
    shortNameOf: (folder) => folder.split('asset.')[1],
  });
  return {
    lambda,
    dataDir,
    invoker: lambda.invoker,
    create: async (name, source, properties = {}) => {
      const folder = join(dataDir, `asset.${name}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'index.mjs'), source);
      const [type] = lambda.resourceTypes;
      const created = await type?.create({
        stack: 'test',
        logicalId: name,
        type: 'AWS::Lambda::Function',
        physicalName: `test-${name}`,
        metadata: {},
        properties: {
          Code: { S3Bucket: 'cdk-hnb659fds-assets-000000000000-us-east-1', S3Key: `${name}.zip` },
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Architectures: ['arm64'],
          ...properties,
        },
      });
      return created?.ref ?? '';
    },
    shiftTo: (toMs) => {
      offsetMs = toMs;
    },
    close: async () => {
      await lambda.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};
