import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { countIn } from '../runtime/metrics.ts';
import type { AggregatePorts } from './aggregate.ts';

const TRACES_MAX = 3;

/** What this process did; a batch whose answer was lost is counted again, `fx` is not. */
export const aggregateReport = (logger: Logger, metrics: Metrics): AggregatePorts['report'] => {
  const count = countIn(metrics);
  return {
    counted: ({ records, applied, duplicate, parked, foreign, unreadable, unfinishedUsers }) => {
      count('RecordsRead', records);
      count('EventsApplied', applied);
      count('EventsDuplicate', duplicate);
      count('EventsParked', parked);
      count('RecordsForeign', foreign);
      count('EventsOfUnreadableState', unreadable);
      count('UsersUnfinished', unfinishedUsers);
    },
    fault: (fault) => logger.error('a port failed', fault as Error),
    bugs: (verdict, traces) => {
      count('Bugs', traces.length);
      if (verdict !== 'none') count('BugWaves', 1);
      logger.error('folding threw', { verdict, traces: traces.slice(0, TRACES_MAX) });
    },
  };
};
