import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every file of a path, itself if it is one, in an order that does not depend on the disk. */
const filesOf = (path: string): readonly string[] => {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
};

/** One hash over names and bytes of files and folders, and over what else decides the result. */
export const hashOf = (
  root: string,
  paths: readonly string[],
  ...more: readonly string[]
): string => {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((name) => filesOf(join(root, name)))) {
    hash.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0');
  }
  for (const text of more) hash.update(text).update('\0');
  return hash.digest('hex').slice(0, 16);
};
