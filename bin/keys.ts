import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoKeyRows, type KeyRow } from '../functions/adapters/dynamo-key-rows.ts';
import { KEY_KINDS, type KeyKind } from '../functions/ports/key-store.ts';
import { hashKey, newKey, newKeyId } from '../functions/runtime/keys.ts';
import {
  addressDeployment,
  DEPLOYMENT_OPTIONS,
  faultText,
  parametersOf,
  WORKS_WITH,
} from './deployment/deployment.ts';

const USAGE = `npm run keys -- create --kind ${KEY_KINDS.join('|')} [--tenant main]
npm run keys -- list
npm run keys -- revoke <id>
  --stage dev      finds the table by the parameter /tributary/<stage>/tables/records
  --table <name>   names the table itself
${WORKS_WITH}`;

const TENANT = /^[a-z0-9-]{1,32}$/;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kind: { type: 'string' },
    tenant: { type: 'string', default: 'main' },
    stage: { type: 'string', default: 'dev' },
    table: { type: 'string' },
    ...DEPLOYMENT_OPTIONS,
  },
});
addressDeployment(values);

class Misuse extends Error {}

const tableName = async (): Promise<string> =>
  values.table ?? (await parametersOf(values.stage)('tables/records'));

const kindOf = (text: string | undefined): KeyKind => {
  const kind = KEY_KINDS.find((candidate) => candidate === text);
  if (kind === undefined) throw new Misuse(`--kind is one of ${KEY_KINDS.join(', ')}`);
  return kind;
};

const create = async (): Promise<void> => {
  const kind = kindOf(values.kind);
  if (!TENANT.test(values.tenant)) throw new Misuse('a tenant is 1–32 of a–z, 0–9 and -');
  const rows = dynamoKeyRows(new DynamoDBClient(), await tableName());
  const key = newKey(kind);
  const id = newKeyId();
  await rows.create(hashKey(key), {
    ...{ tenant: values.tenant, kind, id },
    createdAt: new Date().toISOString(),
  });
  console.error(`${kind} key ${id} of tenant ${values.tenant}; it is shown this once:`);
  console.log(key);
};

const lineOf = ({ key }: KeyRow): string =>
  [key.id, key.kind, key.tenant, key.createdAt, key.revokedAt ?? 'valid'].join('\t');

const list = async (): Promise<void> => {
  const rows = await dynamoKeyRows(new DynamoDBClient(), await tableName()).list();
  for (const row of rows) console.log(lineOf(row));
};

const revoke = async (id: string | undefined): Promise<void> => {
  if (id === undefined) throw new Misuse('which one? `list` shows the ids');
  const rows = dynamoKeyRows(new DynamoDBClient(), await tableName());
  const found = (await rows.list()).find(({ key }) => key.id === id);
  if (found === undefined) throw new Misuse(`there is no key ${id}`);
  await rows.revoke(found.hash, new Date().toISOString());
  console.error(`${id} is revoked; every process knows it within a minute.`);
};

const [command, id] = positionals;
try {
  if (command === 'create') await create();
  else if (command === 'list') await list();
  else if (command === 'revoke') await revoke(id);
  else throw new Misuse(USAGE);
} catch (fault) {
  console.error(faultText(fault));
  process.exitCode = 1;
}
