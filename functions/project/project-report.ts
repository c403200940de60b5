import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { countIn } from '../runtime/metrics.ts';
import type { ProjectPorts } from './project.ts';

export const projectReport = (logger: Logger, metrics: Metrics): ProjectPorts['report'] => {
  const count = countIn(metrics);
  return {
    counted: (counts) => {
      count('ChangesRead', counts.records);
      count('ItemsUnreadable', counts.unreadable);
      count('UpdatesPublished', counts.published);
      count('UpdatesKnown', counts.known);
      count('UpdatesUnfinished', counts.unfinished);
      count('CacheWrites', counts.cached);
      count('CacheSkipped', counts.cacheSkipped);
      count('ChangesLearnt', counts.learnt);
      count('LearningSkipped', counts.learningSkipped);
      count('RecommendationsTold', counts.recommended);
      count('RecommendationsSkipped', counts.recommendationsSkipped);
    },
    fault: (message, fault) => logger.error(message, fault as Error),
  };
};
