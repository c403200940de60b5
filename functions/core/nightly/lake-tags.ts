import type { ConfiguredTags } from '../tags/check-tags.ts';
import { compileTags } from '../tags/compile.ts';
import { tagVersion } from '../tags/definition.ts';

export interface NamedVersion {
  readonly name: string;
  readonly version: string;
}

/** What a backfill of a tag fills: what it means now, not what it meant before. */
export const lakeTagsOf = (config: ConfiguredTags): readonly NamedVersion[] => {
  const now = new Set(config.tags.map((definition) => tagVersion(definition)));
  return compileTags(config)
    .lake.filter(({ version }) => now.has(version))
    .map(({ definition, version }) => ({ name: definition.name, version }));
};
