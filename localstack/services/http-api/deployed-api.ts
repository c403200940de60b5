/** One API as its Api, Stage, Integration and Route resources describe it together. */
import { type Match, type Route, routeTable } from './route-table.ts';
import { createThrottle, type Throttle, type ThrottleLimits } from './throttle.ts';

export interface Integration {
  readonly functionArn: string;
  readonly timeoutMs: number;
}

export interface Stage {
  readonly name: string;
  readonly limits: ThrottleLimits | undefined;
  readonly limitsByRoute: ReadonlyMap<string, ThrottleLimits>;
}

export interface ApiParts {
  readonly apiId: string;
  readonly name: string;
  readonly routes: readonly Route[];
  readonly integrations: ReadonlyMap<string, Integration>;
  readonly stage: Stage;
}

export interface DeployedApi {
  readonly apiId: string;
  readonly stage: string;
  readonly match: (method: string, path: string) => Match | undefined;
  readonly admits: (routeKey: string, nowMs: number) => boolean;
  readonly integration: (route: Route) => Integration;
}

export const deployedApi = ({ apiId, routes, integrations, stage }: ApiParts): DeployedApi => {
  const match = routeTable(routes);
  /** A route with limits of its own does not count against the stage's. */
  const throttles = new Map<string, Throttle>(
    [...stage.limitsByRoute].map(([routeKey, limits]) => [routeKey, createThrottle(limits)]),
  );
  const throttle = stage.limits === undefined ? undefined : createThrottle(stage.limits);
  return {
    apiId,
    stage: stage.name,
    match,
    admits: (routeKey, nowMs) => (throttles.get(routeKey) ?? throttle)?.admits(nowMs) ?? true,
    integration: ({ key, integrationId }) => {
      const integration = integrations.get(integrationId);
      if (integration === undefined) throw new Error(`${key} has no integration`);
      return integration;
    },
  };
};
