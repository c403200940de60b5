import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { countIn } from '../runtime/metrics.ts';
import type { TallyPorts } from './tally.ts';
import type { UnseenPorts } from './unseen-items.ts';

export const tallyReport = (logger: Logger, metrics: Metrics): TallyPorts['report'] => {
  const count = countIn(metrics);
  return {
    counted: ({ records, unreadable, rowsWritten, rowsKnown, rowsUnfinished }) => {
      count('ChangesRead', records);
      count('EffectsUnreadable', unreadable);
      count('RowsWritten', rowsWritten);
      count('RowsKnown', rowsKnown);
      count('RowsUnfinished', rowsUnfinished);
    },
    demand: ({ written, lost }) => {
      count('DemandRowsWritten', written);
      count('DemandRowsLost', lost);
    },
    fault: (fault) => logger.error('a row or feed was not written', fault as Error),
  };
};

export const unseenReport = (logger: Logger, metrics: Metrics): UnseenPorts['report'] => {
  const count = countIn(metrics);
  return {
    unseen: ({ put, skipped }) => {
      count('ItemsFirstSeen', put);
      count('ItemsSkipped', skipped);
    },
    fault: (fault) => logger.error('an item first seen was not put', fault as Error),
  };
};
