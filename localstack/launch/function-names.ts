/** A function's short name: that of the folder whose bundle it runs. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ENTRY = 'index.mjs';

const hashIn = (folder: string): string | undefined => {
  const path = join(folder, ENTRY);
  if (!existsSync(path)) return undefined;
  return createHash('sha256').update(readFileSync(path)).digest('hex');
};

/** The template knows only the asset's hash, so the bytes are compared. */
export const shortNames = (bundles: string): ((assetFolder: string) => string | undefined) => {
  const names = new Map<string, string>();
  for (const name of existsSync(bundles) ? readdirSync(bundles) : []) {
    const hash = hashIn(join(bundles, name));
    if (hash !== undefined && !names.has(hash)) names.set(hash, name);
  }
  return (assetFolder) => names.get(hashIn(assetFolder) ?? '');
};
