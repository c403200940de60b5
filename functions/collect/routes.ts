import type { Invention } from '../core/event/invent.ts';
import type { RouteHints } from '../core/event/naming.ts';

/** A door for events. All doors take all shapes; a door sets a default name and a code of refusal. */
export interface IngestRoute {
  readonly path: string;
  /** Whose shape came in by this door: `native`, or the number of the system it was taken from. */
  readonly protocol: string;
  readonly summary: string;
  readonly hints: RouteHints;
  /** The answer where every event of a request was refused. */
  readonly allRejected: 400 | 422;
  /** What an empty body becomes where the tenant simulates. */
  readonly invents?: Invention;
}

const plain: RouteHints = { actionIsName: true, ads: false };
const ad: RouteHints = { actionIsName: true, ads: true };
const named = (defaultName: string, actionIsName = false): RouteHints => ({
  defaultName,
  actionIsName,
  ads: false,
});

const system = (
  protocol: string,
  path: string,
  summary: string,
  hints: RouteHints,
  invents?: Invention,
): IngestRoute => ({
  path,
  protocol,
  summary,
  hints,
  allRejected: 400,
  ...(invents === undefined ? {} : { invents }),
});

export const INGEST_ROUTES: readonly IngestRoute[] = [
  {
    path: '/v1/events',
    protocol: 'native',
    summary: 'Take one event, an array, or {"events": […]}',
    hints: plain,
    allRejected: 422,
  },
  system('000', '/events', 'Take a UserEvent, one or an array', plain),
  system('001', '/collect', 'Take an AdEvent: impression, click or purchase', ad),
  system('001', '/collect/event', 'Take an AdEvent: impression, click or purchase', ad),
  system('002', '/api/users/activity', 'Take an activity', named('view', true), 'activity'),
  system('002', '/api/orders/place', 'Take an order', named('Order Completed'), 'order'),
  system('003', '/api/events/product-view', 'Take a product view', named('Product Viewed')),
  system('003', '/api/events/purchase', 'Take a purchase', named('Order Completed')),
  system('003', '/api/events/cart', 'Take a cart event', named('Product Added', true)),
  system('003', '/api/events/search', 'Take a search', named('Products Searched')),
];

/** Without a key: what says how the platform is and how to talk to it. */
export const PAGES = [
  '/healthz',
  '/readyz',
  '/openapi.json',
  '/schemas/event/1.json',
  '/docs',
] as const;
export type Page = (typeof PAGES)[number];

/** Answered by the function `profile`; here only so that a wrong method is told the right one. */
export const PROFILE_ROUTES = [
  '/v1/profiles',
  '/v1/profiles/{userId}',
  '/v1/profiles/{userId}/events',
  '/v1/profiles/{userId}/explain/{tag}',
  '/profile/{userId}',
  '/api/analytics/user/{userId}/page-views',
] as const;

/** Answered by the function `personalize`; here for the same reason. */
export const PERSONALIZE_ROUTES = [
  { path: '/v1/recommendations', method: 'GET' },
  { path: '/v1/items/{id}/similar', method: 'GET' },
  { path: '/v1/personalize', method: 'POST' },
  { path: '/personalize', method: 'GET' },
  { path: '/api/v1/personalize', method: 'GET' },
  { path: '/api/recommendations/{userId}', method: 'GET' },
] as const;

/** Answered by the function `analytics`; here for the same reason. */
export const ANALYTICS_ROUTES = [
  '/v1/analytics/realtime',
  '/v1/live',
  '/api/analytics/real-time',
  '/api/analytics/recent-page-views',
] as const;

/** Answered by the function `admin`; here for the same reason. */
export const ADMIN_ROUTES = [
  { path: '/v1/failed', method: 'GET' },
  { path: '/v1/failed/redrive', method: 'POST' },
  { path: '/v1/items', method: 'PUT' },
  { path: '/v1/items/{id}', method: 'GET' },
  { path: '/v1/items/{id}', method: 'DELETE' },
] as const;

/** Answered by the function `nightly`; here for the same reason. */
export const NIGHTLY_ROUTES = [
  { path: '/collect/batch', method: 'POST' },
  { path: '/collect/batch/{jobId}', method: 'GET' },
] as const;

export type Match =
  | { readonly page: Page }
  | { readonly ingest: IngestRoute }
  | { readonly methods: readonly string[] }
  | undefined;

/** Double and trailing slashes are what SDKs make of base URLs; they mean nothing. */
const foldSlashes = (path: string): string => path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');

const fits = (pattern: string, path: string): boolean => {
  const [want, have] = [pattern.split('/'), path.split('/')];
  return (
    want.length === have.length &&
    want.every((part, index) => part.startsWith('{') || part === have[index])
  );
};

const methodsOf = (path: string): readonly string[] | undefined => {
  if (INGEST_ROUTES.some((route) => route.path === path)) return ['POST'];
  if ((PAGES as readonly string[]).includes(path)) return ['GET'];
  const others = [...ADMIN_ROUTES, ...NIGHTLY_ROUTES, ...PERSONALIZE_ROUTES].filter((route) =>
    fits(route.path, path),
  );
  if (others.length > 0) return others.map(({ method }) => method);
  return [...PROFILE_ROUTES, ...ANALYTICS_ROUTES].some((pattern) => fits(pattern, path))
    ? ['GET']
    : undefined;
};

/** The methods of a known path where the method is none of its own; undefined for an unknown path. */
export const matchRoute = (method: string, sentPath: string): Match => {
  const path = foldSlashes(sentPath);
  const methods = methodsOf(path);
  if (methods === undefined) return undefined;
  if (!methods.includes(method)) return { methods };
  const ingest = INGEST_ROUTES.find((route) => route.path === path);
  if (ingest !== undefined) return { ingest };
  const page = PAGES.find((candidate) => candidate === path);
  return page === undefined ? undefined : { page };
};
