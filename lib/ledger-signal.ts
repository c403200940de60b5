import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { minute, type Signal } from './signal.ts';

/**
 * Put by whoever closes the ledger, with the exit code of `npm run ledger` as its value. Where nobody
 * closes it there is no datapoint and no alarm: docs/operating.md says how to have it closed.
 */
export const ledgerSignal = (stage: string): Signal => ({
  id: 'LedgerGap',
  says: 'The ledger did not close: an event is nowhere, or counted twice, or nobody could look.',
  runbook: 'ledger-gap',
  pages: true,
  metric: new Metric({
    namespace: 'Tributary',
    metricName: 'LedgerGap',
    dimensionsMap: { stage },
    statistic: 'Maximum',
    period: minute,
  }),
  above: 0,
  minutes: 1,
  of: 1,
});
