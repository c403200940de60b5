import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { countIn } from '../runtime/metrics.ts';
import type { ProjectPorts } from './project.ts';

export const projectReport = (logger: Logger, metrics: Metrics): ProjectPorts['report'] => {
  const count = countIn(metrics);
  return {
    counted: ({ records, unreadable, published, known, unfinished, cached, cacheSkipped }) => {
      count('ChangesRead', records);
      count('ItemsUnreadable', unreadable);
      count('UpdatesPublished', published);
      count('UpdatesKnown', known);
      count('UpdatesUnfinished', unfinished);
      count('CacheWrites', cached);
      count('CacheSkipped', cacheSkipped);
    },
    fault: (message, fault) => logger.error(message, fault as Error),
  };
};
