import { Logger } from '@aws-lambda-powertools/logger';

/**
 * JSON lines for CloudWatch. No personal data: neither bodies nor user ids, keys or event ids are
 * logged; a request id, a count, a reason and a stack are.
 */
export const newLogger = (serviceName: string): Logger => new Logger({ serviceName });
