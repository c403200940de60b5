import type { Judged } from '../core/event/request.ts';
import { type HttpRequest, type HttpResponse, json, problem } from '../runtime/http.ts';
import type { IngestRoute } from './routes.ts';

/** The answer for each event of a request, in the order in which they were sent. */
export const listOf = (judged: readonly Judged[]) => {
  const countOf = (status: Judged['status']): number =>
    judged.filter((one) => one.status === status).length;
  return {
    accepted: countOf('accepted'),
    duplicates: countOf('duplicate'),
    rejected: countOf('rejected'),
    results: judged.map((one, index) => ({
      index,
      eventId: one.eventId,
      status: one.status,
      ...(one.status === 'rejected' ? { error: one.reject } : {}),
    })),
  };
};

export const resultAnswer = (
  judged: readonly Judged[],
  route: IngestRoute,
  requestId: string,
): HttpResponse => {
  const list = listOf(judged);
  if (list.rejected < judged.length) return json(202, list);
  return problem(
    {
      status: route.allRejected,
      code: 'all_rejected',
      title: 'Every event was rejected',
      detail: '`results` says why, event by event.',
    },
    requestId,
    {},
    list,
  );
};

const REFUSALS = {
  too_large: [413, 'Request too large', 'A request may have 512 KiB, unzipped.'],
  too_many_events: [413, 'Too many events', 'A request may have 500 events.'],
  broken_gzip: [
    400,
    'Broken gzip',
    'The gzip went through a text type, or is damaged: send it as application/octet-stream.',
  ],
  not_utf8: [400, 'Not UTF-8', 'A body is JSON in UTF-8, plain or gzipped.'],
  not_json: [400, 'Not JSON', 'The body is not JSON.'],
  not_events: [400, 'No events', 'The body is an event, an array, or {"events": […]}.'],
  no_events: [400, 'No events', 'The body holds no event.'],
  empty_body: [
    400,
    'Empty body',
    'Send an event. (Only where the tenant simulates is one made up.)',
  ],
} as const satisfies Readonly<Record<string, readonly [number, string, string]>>;
export type Refusal = keyof typeof REFUSALS;

/** The whole request is refused and nothing of it was taken. */
export const refuse = (code: Refusal, requestId: string, detail?: string): HttpResponse => {
  const [status, title, usual] = REFUSALS[code];
  return problem({ status, code, title, detail: detail ?? usual }, requestId);
};

export const notStored = (requestId: string): HttpResponse =>
  problem(
    {
      status: 503,
      code: 'not_stored',
      title: 'Not all events could be stored',
      detail: 'Send the same request again: events that were stored are recognised by their ids.',
    },
    requestId,
    { 'retry-after': '1' },
  );

export const unknownRoute = ({ path, requestId }: HttpRequest): HttpResponse =>
  problem(
    {
      status: 404,
      code: 'unknown_route',
      title: 'No such route',
      detail: `Nothing answers at ${path.slice(0, 200)}; /openapi.json lists what does.`,
    },
    requestId,
  );

export const wrongMethod = (
  { method, requestId }: HttpRequest,
  methods: readonly string[],
): HttpResponse => {
  const allow = [...methods, 'OPTIONS'].join(', ');
  return problem(
    {
      status: 405,
      code: 'wrong_method',
      title: 'Wrong method',
      detail: `${method.slice(0, 20)} is not answered here; ${allow} is.`,
    },
    requestId,
    { allow },
  );
};
