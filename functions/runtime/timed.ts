import type { HttpRequest, HttpResponse } from './http.ts';

/** Says in each answer how long it took in here: what the way to the client adds is the rest. */
export const timed =
  (serve: (request: HttpRequest) => Promise<HttpResponse>, nowMs: () => number) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    const since = nowMs();
    const answer = await serve(request);
    const took = (nowMs() - since).toFixed(2);
    return { ...answer, headers: { ...answer.headers, 'server-timing': `handler;dur=${took}` } };
  };
