import type { Invocation } from '../../cloud.ts';

/** What an invocation says about its batch: `failedFrom` is the first record that is to run again. */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'throttled' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'partial'; readonly failedFrom: number };

const DONE: Verdict = { kind: 'done' };
const FAILED: Verdict = { kind: 'failed' };

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html:
 * an empty or null list, an empty or null response is a success; an empty, null or misnamed
 * identifier fails the whole batch, and so does one that the batch does not hold. Of several the
 * lowest counts: what lies behind it runs again even where it succeeded.
 */
export const verdictOf = (
  result: Invocation,
  sequences: readonly string[],
  reportItemFailures: boolean,
): Verdict => {
  if (result.error === 'throttled') return { kind: 'throttled' };
  if (result.error !== undefined) return FAILED;
  if (!reportItemFailures) return DONE;
  const response = parsed(result.payload);
  if (response === null) return DONE;
  if (typeof response !== 'object') return FAILED;
  const failures = (response as { batchItemFailures?: unknown }).batchItemFailures ?? null;
  if (failures === null) return DONE;
  if (!Array.isArray(failures)) return FAILED;
  if (failures.length === 0) return DONE;
  const places = failures.map((failure: unknown) => sequences.indexOf(identifierOf(failure)));
  const failedFrom = Math.min(...places);
  if (failedFrom < 0) return FAILED;
  return failedFrom === 0 ? FAILED : { kind: 'partial', failedFrom };
};

/** The state that a tumbling window's answer hands to the next call. */
export const windowStateOf = (result: Invocation): unknown => {
  const response = parsed(result.payload);
  if (typeof response !== 'object' || response === null) return {};
  return (response as { state?: unknown }).state ?? {};
};

/** Undefined where it is no JSON, which no verdict takes for a success. */
const parsed = (payload: string): unknown => {
  if (payload === '') return null;
  try {
    return JSON.parse(payload) as unknown;
  } catch {
    return undefined;
  }
};

/** No record has the empty sequence number. */
const identifierOf = (failure: unknown): string => {
  if (typeof failure !== 'object' || failure === null) return '';
  const { itemIdentifier } = failure as { itemIdentifier?: unknown };
  return typeof itemIdentifier === 'string' ? itemIdentifier : '';
};
