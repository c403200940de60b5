import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { countIn } from '../runtime/metrics.ts';
import type { TrendsStepPorts } from './merge-all-trends.ts';
import type { MinutePorts } from './minute.ts';
import type { SnapshotPorts } from './snapshot-catalogues.ts';

export const minuteReport = (logger: Logger, metrics: Metrics) => {
  const count = countIn(metrics);
  const steps: MinutePorts['report'] = {
    failed: ({ name, failures }, fault) => {
      count(failures, 1);
      logger.error(`${name} failed`, fault as Error);
    },
  };
  const catalogues: SnapshotPorts['report'] = {
    made: ({ changed, dropped }) => {
      count('CatalogueChanges', changed);
      count('CatalogueDropped', dropped);
    },
    fault: (fault) => logger.error('a catalogue has no new snapshot', fault as Error),
  };
  const trends: Pick<TrendsStepPorts, 'merged' | 'fault'> = {
    merged: ({ minutes, raced, left }) => {
      count('TrendMinutes', minutes);
      count('TrendsLeft', raced + left);
    },
    fault: (message, fault) => logger.error(message, fault as Error),
  };
  return { steps, catalogues, trends };
};
