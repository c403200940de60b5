/** What went wrong in a run, as one sentence out of what Step Functions caught. */
import { ERROR_CHARACTERS_MAX } from './run.ts';
import type { CaughtError } from './tasks.ts';

const objectIn = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    return Object(JSON.parse(text));
  } catch {
    return undefined;
  }
};

/** A function's fault, or a query's; both come as JSON in a text. */
const saidIn = (cause: string): unknown => {
  const { errorMessage, Status, QueryExecution } = objectIn(cause) ?? {};
  const query = Object(Status ?? Object(QueryExecution).Status);
  return errorMessage ?? query.StateChangeReason ?? query.AthenaError?.ErrorMessage;
};

export const errorSentence = ({ Error: name = '', Cause = '' }: CaughtError): string => {
  const said = saidIn(Cause);
  const cause = typeof said === 'string' ? said : Cause;
  const sentence = [name, cause].filter((part) => part !== '').join(': ');
  return (sentence || 'It failed without a word.').slice(0, ERROR_CHARACTERS_MAX);
};
