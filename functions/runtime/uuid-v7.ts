import { randomBytes } from 'node:crypto';

/** RFC 9562, version 7: 48 bits of milliseconds, then random bits. */
export const uuidV7 = (atMs: number): string => {
  const random = randomBytes(10).toString('hex');
  const time = Math.max(0, Math.floor(atMs)).toString(16).padStart(12, '0');
  const variant = ((Number.parseInt(random.slice(3, 4), 16) & 3) | 8).toString(16);
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${random.slice(0, 3)}`,
    `${variant}${random.slice(4, 7)}`,
    random.slice(7, 19),
  ].join('-');
};

/** 16 hex digits. */
export const randomBatchId = (): string => randomBytes(8).toString('hex');
