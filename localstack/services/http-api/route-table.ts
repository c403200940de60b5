/**
 * Which route takes a request, by API Gateway's rule: the most specific path, a method before ANY,
 * and `$default` for whatever is left. A trailing slash makes another path.
 */
export interface Route {
  readonly key: string;
  readonly integrationId: string;
}

export interface Match {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface ParsedRoute {
  readonly route: Route;
  readonly method: string;
  readonly segments: readonly string[];
}

const ROUTE_KEY = /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) (\/\S*)$/;
const GREEDY = /^\{([^}+]+)\+\}$/;
const PARAMETER = /^\{([^}+]+)\}$/;

const parse = (route: Route): ParsedRoute => {
  const [, method = '', path = ''] = ROUTE_KEY.exec(route.key) ?? [];
  if (method === '') throw new Error(`the route key ${route.key} is not a method and a path`);
  return { route, method, segments: path.split('/').slice(1) };
};

const match = (
  segments: readonly string[],
  path: readonly string[],
): Record<string, string> | undefined => {
  const parameters: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const greedy = GREEDY.exec(segment)?.[1];
    const name = PARAMETER.exec(segment)?.[1];
    const value = path[at] ?? '';
    if (greedy !== undefined) {
      const rest = path.slice(at).join('/');
      return rest === '' ? undefined : { ...parameters, [greedy]: rest };
    }
    if (name === undefined && segment !== value) return undefined;
    if (name !== undefined && value === '') return undefined;
    if (name !== undefined) parameters[name] = value;
  }
  return segments.length === path.length ? parameters : undefined;
};

/** Segment by segment: a fixed one (2) before a parameter (1) before a greedy one (0). */
const weights = ({ segments }: ParsedRoute): readonly number[] =>
  segments.map((segment) => (GREEDY.test(segment) ? 0 : PARAMETER.test(segment) ? 1 : 2));

const bySpecificity = (a: ParsedRoute, b: ParsedRoute): number => {
  const [left, right] = [weights(a), weights(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (right[at] ?? -1) - (left[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
};

export const routeTable = (routes: readonly Route[]) => {
  const fallback = routes.find(({ key }) => key === '$default');
  const parsed = routes
    .filter(({ key }) => key !== '$default')
    .map(parse)
    .sort(bySpecificity);
  /** `path` is decoded already, as API Gateway's is. */
  return (method: string, path: string): Match | undefined => {
    const segments = path.split('/').slice(1);
    for (const candidate of parsed) {
      if (candidate.method !== 'ANY' && candidate.method !== method) continue;
      const pathParameters = match(candidate.segments, segments);
      if (pathParameters !== undefined) return { route: candidate.route, pathParameters };
    }
    return fallback === undefined ? undefined : { route: fallback, pathParameters: {} };
  };
};
