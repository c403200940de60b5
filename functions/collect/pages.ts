import * as z from 'zod';
import type { Breaker } from '../core/breaker.ts';
import { canonicalEvent } from '../core/event/schema.ts';
import { type HttpResponse, json } from '../runtime/http.ts';
import { docsPage } from './docs-page.ts';
import { openApi } from './open-api.ts';
import type { Page } from './routes.ts';

export const eventSchema = (): unknown => ({
  ...z.toJSONSchema(canonicalEvent),
  $id: '/schemas/event/1.json',
});

const html = (body: string): HttpResponse => ({
  statusCode: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  },
  body,
});

const PAGE_ANSWERS: Readonly<Record<Page, (breaker: Breaker['phase']) => HttpResponse>> = {
  '/healthz': () => json(200, { status: 'ok' }),
  '/readyz': (breaker) =>
    json(200, {
      // With an open breaker events are still taken, into the spill queue.
      status: 'ready',
      scope: 'the process that answered',
      detail: 'It has its configuration. It has not asked its stream, table or bucket.',
      breaker,
    }),
  '/openapi.json': () => json(200, openApi()),
  '/schemas/event/1.json': () =>
    json(200, eventSchema(), { 'content-type': 'application/schema+json' }),
  '/docs': () => html(docsPage()),
};

/** The platform about itself; none of it needs a key. */
export const openPage = (page: Page, breaker: Breaker['phase']): HttpResponse =>
  PAGE_ANSWERS[page](breaker);
