import type { SourceRecord } from '../../cloud.ts';
import { matcher } from './pattern.ts';

/**
 * FilterCriteria: a record that no filter matches is finished without a call.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html and its pages
 * "with-kinesis-filtering" and "with-ddb-filtering".
 */
export const recordFilter = (
  kind: 'kinesis' | 'dynamodb',
  patterns: readonly string[],
): ((record: SourceRecord) => boolean) => {
  if (patterns.length === 0) return () => true;
  const filters = patterns.map((text) => {
    const pattern: unknown = JSON.parse(text);
    const matches = matcher(pattern);
    return kind === 'dynamodb'
      ? ({ body }: SourceRecord) => matches(body)
      : kinesisFilter(pattern, matches);
  });
  return (record) => filters.some((matches) => matches(record));
};

/**
 * `data` is compared decoded: with a pattern for JSON the data must be JSON, with a pattern for a
 * plain string it must not be. The other keys are the record's own metadata.
 */
const kinesisFilter = (pattern: unknown, matches: (value: unknown) => boolean) => {
  const data = (pattern as { data?: unknown }).data;
  const wantsJson = data !== undefined && !Array.isArray(data);
  return ({ body }: SourceRecord): boolean => {
    const record = body.kinesis as { readonly data: string };
    if (data === undefined) return matches(record);
    const text = Buffer.from(record.data, 'base64').toString('utf8');
    const json = jsonObject(text);
    if (wantsJson !== (json !== null)) return false;
    return matches({ ...record, data: json ?? text });
  };
};

const jsonObject = (text: string): object | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
};
