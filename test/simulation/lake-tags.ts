import type { TagDefinition } from '../../functions/core/tags/definition.ts';
import { tagVersion } from '../../functions/core/tags/definition.ts';
import { config } from '../../tributary.config.ts';

const byVersion = new Map<string, TagDefinition>(
  config.tags.filter(({ source }) => source === 'both').map((tag) => [tagVersion(tag), tag]),
);
export const lakeVersions = [...byVersion.keys()];
export const definitionOf = (version: string): TagDefinition => {
  const found = byVersion.get(version);
  if (found === undefined) throw new Error(`no tag of version ${version}`);
  return found;
};
