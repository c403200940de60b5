import type { TributaryConfig } from './functions/core/tags/config.ts';

/** Tags, segments, limits and size of your platform: the one file to edit. */
export const config: TributaryConfig = {
  currency: 'USD',
  rates: {},
  limits: {
    write: { perSecond: 500, burst: 1_000 },
    client: { perSecond: 100, burst: 200 },
    server: { perSecond: 1_000, burst: 2_000 },
    operator: { perSecond: 1_000, burst: 2_000 },
  },
  corsOrigins: ['*'],
};
