/** An answer of the API that is not 200, by the name that AWS gives it. */
export class KinesisError extends Error {
  readonly type: string;
  readonly statusCode: number;

  constructor(type: string, message: string, statusCode = 400) {
    super(message);
    this.name = 'KinesisError';
    this.type = type;
    this.statusCode = statusCode;
  }
}

export const invalidArgument = (message: string): KinesisError =>
  new KinesisError('InvalidArgumentException', message);

export const notFound = (message: string): KinesisError =>
  new KinesisError('ResourceNotFoundException', message);

export const limitExceeded = (message: string): KinesisError =>
  new KinesisError('LimitExceededException', message);

export const throttled = (message: string): KinesisError =>
  new KinesisError('ProvisionedThroughputExceededException', message);

export const validation = (problems: readonly string[]): KinesisError =>
  new KinesisError(
    'ValidationException',
    `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${problems.join('; ')}`,
  );
