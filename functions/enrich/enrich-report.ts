import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { countIn } from '../runtime/metrics.ts';
import type { EnrichPorts } from './enrich.ts';

/** Metrics may over-count, because a redelivery counts again; the ledger is closed from the lake. */
export const enrichReport = (logger: Logger, metrics: Metrics): EnrichPorts['report'] => {
  const count = countIn(metrics);
  return {
    counted: ({ records, lines, parked, foreign, unfinished }) => {
      count('RecordsRead', records);
      count('LinesEnriched', lines);
      count('EventsParked', parked);
      count('RecordsForeign', foreign);
      count('RecordsUnfinished', unfinished);
    },
    fault: (fault) => logger.error('a port failed', fault as Error),
    bugs: (verdict, traces) => {
      count('Bugs', traces.length);
      if (verdict !== 'none') count('BugWaves', 1);
      logger.error('enrichment threw', { verdict, traces });
    },
  };
};
