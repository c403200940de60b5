/**
 * The demo tenant: an operator key that the local front adds to requests without one, and the flag
 * that lets an empty body make a random event. Both are rows of the table `records`, as on AWS.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { hashKey, newKey } from '../../functions/runtime/keys.ts';

const TENANT = 'main';

export interface SeedOptions {
  readonly endpointUrl: string;
  readonly table: string;
  /** Where the key's text is kept, readable by its owner alone. */
  readonly keyFile: string;
  readonly nowMs: number;
}

const put = async (
  { endpointUrl, table }: SeedOptions,
  item: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const response = await fetch(endpointUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.PutItem',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local',
      'x-amz-date': '20260101T000000Z',
    },
    body: JSON.stringify({ TableName: table, Item: item }),
  });
  const said = await response.text();
  if (!response.ok) throw new Error(`the demo key cannot be written to ${table}: ${said}`);
};

const keyIn = (keyFile: string): string => {
  if (existsSync(keyFile)) return readFileSync(keyFile, 'utf8').trim();
  const key = newKey('operator');
  mkdirSync(dirname(keyFile), { recursive: true });
  writeFileSync(keyFile, `${key}\n`, { mode: 0o600 });
  return key;
};

/** Idempotent: the key of an earlier start is kept. Gives back its text. */
export const seedDemoTenant = async (options: SeedOptions): Promise<string> => {
  const key = keyIn(options.keyFile);
  await put(options, {
    pk: { S: `key#${hashKey(key)}` },
    sk: { S: 'key' },
    tenant: { S: TENANT },
    kind: { S: 'operator' },
    id: { S: 'demo' },
    demo: { BOOL: true },
    createdAt: { S: new Date(options.nowMs).toISOString() },
  });
  await put(options, {
    pk: { S: `tenant#${TENANT}` },
    sk: { S: 'tenant' },
    simulator: { BOOL: true },
  });
  return key;
};
