import { preflight, withCors } from '../runtime/cors.ts';
import type { HttpRequest, HttpResponse } from '../runtime/http.ts';
import { unknownRoute, wrongMethod } from './answers.ts';
import { type IngestPorts, ingest } from './ingest.ts';
import { openPage } from './pages.ts';
import { matchRoute } from './routes.ts';

export interface CollectPorts extends IngestPorts {
  readonly corsOrigins: readonly string[];
}

/** Answers everything that no other function has a route for: events, and the platform's own pages. */
export const collect = (ports: CollectPorts) => {
  const take = ingest(ports);

  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    const match = matchRoute(request.method, request.path);
    if (match === undefined) return unknownRoute(request);
    if ('page' in match) return openPage(match.page, ports.stream.breaker().phase);
    if ('ingest' in match) return take(request, match.ingest);
    return request.method === 'OPTIONS'
      ? preflight(request, match.methods, ports.corsOrigins)
      : wrongMethod(request, match.methods);
  };

  return async (request: HttpRequest): Promise<HttpResponse> => {
    ports.count('requests', 1);
    return withCors(request, await answer(request), ports.corsOrigins);
  };
};
