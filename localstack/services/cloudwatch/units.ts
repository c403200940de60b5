/** AWS's units of the metrics that our engines put; all others are counts. */
const UNITS: Readonly<Record<string, string>> = {
  'DeliveryToS3.Bytes': 'Bytes',
  'DeliveryToS3.DataFreshness': 'Seconds',
  Duration: 'Milliseconds',
  ExecutionTime: 'Milliseconds',
  IteratorAge: 'Milliseconds',
  KinesisMillisBehindLatest: 'Milliseconds',
};

export const unitOf = (metric: string): string => UNITS[metric] ?? 'Count';
