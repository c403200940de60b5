import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Of the platform, not of its user: made anew by itself, and slow to make. */
const KEPT = new Set(['assembly', 'cache', 'owner.pid']);
/** What only a data folder of ours holds; another folder is not emptied by a mistyped flag. */
const OURS = new Set([
  'assembly',
  'cache',
  'children',
  'demo-key',
  'dynamodb',
  'firehose',
  'kinesis',
  'lake',
  'logs',
  'mapping',
  'mappings',
  'owner.pid',
  's3',
  'scheduler',
  'sqs',
  'ssm',
  'states',
]);

export const forgetState = (dataDir: string): void => {
  if (!existsSync(dataDir)) return;
  const names = readdirSync(dataDir);
  const strange = names.filter((name) => !OURS.has(name));
  if (strange.length > 0) {
    throw new Error(
      `${dataDir} holds ${strange.slice(0, 3).join(', ')}, which is not ours: --reset empties only a data folder`,
    );
  }
  for (const name of names) {
    if (!KEPT.has(name)) rmSync(join(dataDir, name), { recursive: true, force: true });
  }
};
