import { REJECT_REASONS } from '../core/event/reject.ts';
import { sentEvent } from '../core/event/schema.ts';
import { ADMIN_PATHS } from './admin-paths.ts';
import { ANALYTICS_PATHS } from './analytics-paths.ts';
import { ITEM_PATHS } from './item-paths.ts';
import { schemaOf } from './json-schema.ts';
import { NIGHTLY_PATHS } from './nightly-paths.ts';
import { PERSONALIZE_PATHS } from './personalize-paths.ts';
import { PROFILE_PATHS } from './profile-paths.ts';
import { INGEST_ROUTES, type IngestRoute } from './routes.ts';
import { ingestAnswer, problemBody } from './schemas.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const content = (type: string, schema: object) => ({ content: { [type]: { schema } } });
const problemOf = (description: string, schema: object = ref('Problem')) => ({
  description,
  ...content('application/problem+json', schema),
});

const RETRY_AFTER = {
  'Retry-After': { description: 'Whole seconds', schema: { type: 'integer', minimum: 1 } },
};

/** What every route with a key may answer. */
const KEY_PROBLEMS = {
  '401': problemOf('No key, or an unknown one'),
  '403': problemOf('A key of the wrong kind'),
};

const SENT = {
  oneOf: [
    ref('SentEvent'),
    { type: 'array', minItems: 1, maxItems: 500, items: ref('SentEvent') },
    {
      type: 'object',
      required: ['events'],
      properties: {
        events: { type: 'array', minItems: 1, maxItems: 500, items: ref('SentEvent') },
        sentAt: { type: ['string', 'number'] },
        context: { type: 'object' },
        writeKey: { type: 'string' },
      },
    },
  ],
};

const operationIdOf = (path: string): string =>
  `post${path.replace(/[/-]+(\w)/g, (_, first: string) => first.toUpperCase())}`;

const ingestOperation = ({ path, protocol, summary, allRejected, invents }: IngestRoute) => ({
  post: {
    operationId: operationIdOf(path),
    summary,
    description:
      'Answers for each event once the stream has it. The body may be gzipped, as application/octet-stream.',
    tags: [protocol === 'native' ? 'events' : `system ${protocol}`],
    requestBody: { required: invents === undefined, ...content('application/json', SENT) },
    responses: {
      '202': {
        description: 'Taken, event by event',
        ...content('application/json', ref('Results')),
      },
      '400': problemOf(
        allRejected === 400 ? 'Not readable, or every event rejected' : 'Not readable',
        allRejected === 400 ? { anyOf: [ref('AllRejected'), ref('Problem')] } : ref('Problem'),
      ),
      ...KEY_PROBLEMS,
      '413': problemOf('More than 500 events or 512 KiB; nothing was taken'),
      ...(allRejected === 422
        ? { '422': problemOf('Every event rejected', ref('AllRejected')) }
        : {}),
      '429': { ...problemOf('Too many requests of this key'), headers: RETRY_AFTER },
      '503': { ...problemOf('Not all could be stored: send it again'), headers: RETRY_AFTER },
    },
  },
});

const pageOperation = (operationId: string, summary: string, type: string, schema: object) => ({
  get: {
    operationId,
    summary,
    tags: ['platform'],
    security: [],
    responses: { '200': { description: 'OK', ...content(type, schema) } },
  },
});

const PAGE_PATHS = {
  '/healthz': pageOperation('getHealthz', 'The process lives', 'application/json', {
    type: 'object',
    required: ['status'],
    properties: { status: { const: 'ok' } },
  }),
  '/readyz': pageOperation('getReadyz', 'What the answering process knows', 'application/json', {
    type: 'object',
    required: ['status', 'scope', 'breaker'],
    properties: {
      status: { const: 'ready' },
      scope: { type: 'string' },
      detail: { type: 'string' },
      breaker: { enum: ['closed', 'open', 'half-open'] },
    },
  }),
  '/openapi.json': pageOperation('getOpenApi', 'This document', 'application/json', {
    type: 'object',
  }),
  '/schemas/event/1.json': pageOperation(
    'getEventSchema',
    'The canonical event',
    'application/schema+json',
    { type: 'object' },
  ),
  '/docs': pageOperation('getDocs', 'One page for people', 'text/html', { type: 'string' }),
};

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A server or operator key' },
  apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
  writeKey: { type: 'apiKey', in: 'header', name: 'x-write-key', description: 'Ingest only' },
  basic: { type: 'http', scheme: 'basic', description: 'A write key as user, no password' },
};

/** OpenAPI 3.1, from the routes that match and the schemas that validate. It lists what works now. */
export const openApi = () => ({
  openapi: '3.1.0',
  info: {
    title: 'Tributary',
    version: '0.1.0',
    summary: 'Real-time customer profiles in your own AWS account',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }, { apiKey: [] }, { writeKey: [] }, { basic: [] }],
  paths: {
    ...Object.fromEntries(INGEST_ROUTES.map((route) => [route.path, ingestOperation(route)])),
    ...PROFILE_PATHS(KEY_PROBLEMS, problemOf),
    ...PERSONALIZE_PATHS(KEY_PROBLEMS, problemOf),
    ...ANALYTICS_PATHS(KEY_PROBLEMS, problemOf),
    ...ADMIN_PATHS(KEY_PROBLEMS, problemOf),
    ...ITEM_PATHS(KEY_PROBLEMS, problemOf),
    ...NIGHTLY_PATHS(KEY_PROBLEMS, problemOf),
    ...PAGE_PATHS,
  },
  components: {
    securitySchemes: SECURITY_SCHEMES,
    schemas: {
      SentEvent: schemaOf(sentEvent),
      Results: schemaOf(ingestAnswer),
      Problem: schemaOf(problemBody),
      AllRejected: { allOf: [ref('Problem'), ref('Results')] },
      RejectReason: { enum: [...REJECT_REASONS] },
    },
  },
});
