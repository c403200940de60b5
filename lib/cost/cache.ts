/** What the cache costs beside its hours: what is written to it, and the way out of its network. */
import { PRICES } from './prices.ts';
import { type CostLine, monthly, type Rates } from './rates.ts';
import { BYTES_PER_GB, BYTES_PER_KB } from './volume.ts';

/** The few traits of a user, their key and the script are about a kilobyte. */
const UNITS_OF_TRAITS = 1;

/** Nodes are billed by the hour alone. */
export const cacheLines = ({ config, records, traffic }: Rates): readonly CostLine[] => {
  const { cache, streams } = config;
  if (cache === undefined || streams.updates === undefined) return [];
  const unitsOfProfile = Math.max(1, traffic.cacheWriteBytes / BYTES_PER_KB);
  const units = records * (unitsOfProfile + traffic.traitsShare * UNITS_OF_TRAITS);
  const throughGb = (monthly(records) * traffic.updateBytes) / BYTES_PER_GB;
  return [
    ...(cache.kind === 'serverless'
      ? [{ writer: 'cache', what: 'units of writes', usd: monthly(units) * PRICES.cacheUnit }]
      : []),
    { writer: 'cache', what: 'updates through the endpoint', usd: throughGb * PRICES.endpointGb },
  ];
};
