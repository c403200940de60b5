import { compileTags } from '../../functions/core/tags/compile.ts';
import { config } from '../../tributary.config.ts';

/** The tags of the config, as stream, nightly and readers see them. */
export const lakeTags = compileTags(config);
