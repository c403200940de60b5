/** ExecutionParameters: each `?` of a statement takes the next one, which is a literal of SQL. */
import { AwsFault } from '../aws-json.ts';
import { isSign, tokensOf } from './lexer.ts';

export const withParameters = (sql: string, parameters: readonly string[] = []): string => {
  const tokens = tokensOf(sql);
  const places = tokens.filter((token) => isSign(token, '?')).length;
  if (places !== parameters.length) {
    throw new AwsFault(
      'InvalidRequestException',
      `Incorrect number of parameters: expected ${places} but found ${parameters.length}`,
    );
  }
  let next = 0;
  return tokens
    .map((token) => {
      if (!isSign(token, '?')) return token.text;
      next += 1;
      return parameters[next - 1] ?? '';
    })
    .join('');
};
