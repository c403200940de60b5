/** The doors of the nightly job: two routes, and the Scheduler. */
import { isRunId } from '../core/nightly/run.ts';
import { answerOf } from '../core/nightly/run-answer.ts';
import type { StartAnswer } from '../core/nightly/run-schemas.ts';
import type { KeyKind } from '../ports/key-store.ts';
import { type HttpRequest, type HttpResponse, json, problem } from '../runtime/http.ts';
import { findRun, type StartPorts, startRun } from './start-run.ts';

export interface NightlyPorts extends StartPorts {
  /** Who asks, or how to refuse. */
  readonly authorize: (
    request: HttpRequest,
    allowed: readonly KeyKind[],
  ) => Promise<{ readonly tenant: string } | HttpResponse>;
}

const STARTERS: readonly KeyKind[] = ['operator', 'server'];
/** It changes by the second. */
const CACHING = { 'cache-control': 'no-store' };

export const nightly =
  (ports: NightlyPorts) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    const principal = await ports.authorize(request, STARTERS);
    if ('statusCode' in principal) return principal;
    // API Gateway sends these two routes here and no other.
    return request.method === 'POST' ? serveStart(ports, request) : serveRun(ports, request);
  };

const serveStart = async (
  ports: NightlyPorts,
  { body, requestId }: HttpRequest,
): Promise<HttpResponse> => {
  if (body.length > 0) {
    const detail = 'Send no body: the job takes no parameters. A backfill is `npm run backfill`.';
    const title = 'The request cannot be read';
    return problem({ status: 400, code: 'body_not_empty', title, detail }, requestId);
  }
  const { runId } = await startRun(ports);
  const answer: StartAnswer = { jobId: runId, status: 'running' };
  return json(202, answer, CACHING);
};

const serveRun = async (
  ports: NightlyPorts,
  { pathParameters, requestId }: HttpRequest,
): Promise<HttpResponse> => {
  const { jobId = '' } = pathParameters;
  const run = isRunId(jobId) ? await findRun(ports, jobId) : undefined;
  if (run !== undefined) return json(200, answerOf(run), CACHING);
  const detail = 'No run has this id; `POST /collect/batch` answers with one.';
  return problem({ status: 404, code: 'unknown_job', title: 'No such job', detail }, requestId);
};
