import { expect, test } from 'vitest';
import { answerCases, keyHeaders, namedRequests, throughGateway } from '../support/answers.ts';
import { collecting, httpRequest, KEYS } from '../support/collecting.ts';

const cases = answerCases();

test('docs/api.md has a row for each request that is sent here, once', () => {
  const rows = cases.map(({ name }) => name);
  expect(new Set(rows)).toEqual(new Set(namedRequests));
  expect(rows).toHaveLength(namedRequests.length);
});

interface AnswerBody {
  readonly code?: string;
  readonly accepted?: number;
  readonly duplicates?: number;
  readonly rejected?: number;
  readonly results?: readonly { readonly error?: { readonly reason: string } }[];
}

test.each(cases)('$name is answered $status $code', async (answer) => {
  const request = answer.request(KEYS.write);
  const platform = collecting();
  const before = Object.keys(Object.prototype);
  const response = await platform.serve(
    httpRequest({
      method: request.method,
      path: request.path,
      headers: keyHeaders(request, KEYS),
      ...throughGateway(request),
    }),
  );

  expect(response.statusCode).toBe(answer.status);
  const body = (response.body === '' ? {} : JSON.parse(response.body)) as AnswerBody;
  expect(body.code ?? '').toBe(answer.code);
  if (answer.code !== '') expect(response.headers['content-type']).toBe('application/problem+json');
  expect(answer.status === 405).toBe('allow' in response.headers && request.method !== 'OPTIONS');
  const { accepted, duplicates, rejected, results } = body;
  expect(accepted === undefined ? undefined : { accepted, duplicates, rejected }).toEqual(
    answer.events,
  );
  const reasons = new Set(
    (results ?? []).flatMap(({ error }) => (error === undefined ? [] : [error.reason])),
  );
  expect([...reasons]).toEqual(answer.reasons);
  // Nothing half-applied: what is on the stream is what was said to be accepted.
  expect(platform.events()).toHaveLength(accepted ?? 0);
  expect(Object.keys(Object.prototype)).toEqual(before);
  // And the process lives.
  expect((await platform.serve(httpRequest({ method: 'GET', path: '/healthz' }))).statusCode).toBe(
    200,
  );
});
