/**
 * What DynamoDB bills an item as: its names and values,
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

const WRITE_UNIT_BYTES = 1_024;

/** Two digits a byte and one more; a sign is not among our numbers. */
const numberBytes = (digits: string): number => Math.ceil(digits.length / 2) + 1;

const valueBytes = ({ S, N, B, BOOL }: AttributeValue): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return numberBytes(N);
  if (B !== undefined) return B.length;
  if (BOOL !== undefined) return 1;
  throw new Error('our items hold texts, numbers, bytes and truths');
};

export const itemBytes = (item: Readonly<Record<string, AttributeValue>>): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + name.length + valueBytes(value), 0);

export const writeUnits = (bytes: number): number => Math.ceil(bytes / WRITE_UNIT_BYTES);
