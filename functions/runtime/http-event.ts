import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type HttpRequest, type HttpResponse, problem } from './http.ts';

const lowerCased = (
  headers: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), value] as const],
    ),
  );

/** API Gateway's payload 2.0; its own time of arrival is the clock of the request. */
export const toHttpRequest = (event: APIGatewayProxyEventV2): HttpRequest => ({
  method: event.requestContext.http.method.toUpperCase(),
  path: event.rawPath,
  query: new URLSearchParams(event.rawQueryString),
  headers: lowerCased(event.headers),
  pathParameters: Object.fromEntries(
    Object.entries(event.pathParameters ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  ),
  body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
  bodyIsBytes: event.isBase64Encoded,
  requestId: event.requestContext.requestId,
  receivedAtMs: event.requestContext.timeEpoch,
});

/**
 * A use case over HTTP as a Lambda handler. What it throws is the world's fault or ours: it is
 * reported, and the client learns only which request it was.
 */
export const overHttp =
  (
    serve: (request: HttpRequest) => Promise<HttpResponse>,
    report: (fault: unknown, request: HttpRequest) => void,
  ) =>
  async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const request = toHttpRequest(event);
    const answer = await serve(request).catch((fault: unknown) => {
      report(fault, request);
      return problem(
        {
          status: 500,
          code: 'internal',
          title: 'Something of ours failed',
          detail:
            'It was reported. Send the request again; what was taken is recognised by its ids.',
        },
        request.requestId,
      );
    });
    return { ...answer, headers: { ...answer.headers } };
  };
