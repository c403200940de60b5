import type { TributaryConfig } from '../tags/config.ts';
import { tagVersion } from '../tags/definition.ts';

export interface NamedVersion {
  readonly name: string;
  readonly version: string;
}

/** Tags that the nightly job makes, in the config's order. */
export const lakeTagsOf = ({ tags }: Pick<TributaryConfig, 'tags'>): readonly NamedVersion[] =>
  tags
    .filter(({ source }) => source !== 'stream')
    .map((definition) => ({ name: definition.name, version: tagVersion(definition) }));
