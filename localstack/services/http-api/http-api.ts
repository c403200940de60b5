/** API Gateway's HTTP APIs: the template's routes, on one port of this machine. */
import { createHash, randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { FunctionInvoker, LocalService, ResolvedResource, ResourceType } from '../../cloud.ts';
import { isRecord, type JsonRecord } from '../../template/json.ts';
import { type DeployedApi, deployedApi, type Integration, type Stage } from './deployed-api.ts';
import { gateway } from './gateway.ts';
import type { Route } from './route-table.ts';
import type { ThrottleLimits } from './throttle.ts';

const TIMEOUT_MAX_MS = 30_000;

export interface HttpApiOptions {
  readonly invoker: FunctionInvoker;
  readonly now: () => number;
  /** Where the front is served: the API's endpoint, for outputs. */
  readonly url: string;
  /** A key for a request that carries none; undefined: requests pass as they are. */
  readonly demoKey: () => string | undefined;
  readonly onRequest?: (status: number) => void;
}

export interface HttpApi extends LocalService {
  /** What clients talk to. */
  readonly front: RequestListener;
}

interface Draft {
  readonly apiId: string;
  readonly name: string;
  readonly routes: Route[];
  readonly integrations: Map<string, Integration>;
  stage?: Stage;
}

const idOf = ({ physicalName }: ResolvedResource): string =>
  createHash('sha256').update(physicalName).digest('hex').slice(0, 10);

const must = (properties: JsonRecord, name: string, value: string): void => {
  if (properties[name] === value) return;
  throw new Error(`${name} must be ${value} locally, not ${JSON.stringify(properties[name])}`);
};

const limitsOf = (settings: unknown): ThrottleLimits | undefined => {
  if (!isRecord(settings)) return undefined;
  const ratePerSecond = Number(settings.ThrottlingRateLimit);
  const burst = Number(settings.ThrottlingBurstLimit);
  return Number.isNaN(ratePerSecond) || Number.isNaN(burst) ? undefined : { ratePerSecond, burst };
};

const stageOf = (properties: JsonRecord): Stage => {
  // Without automatic deployment nothing is served until somebody makes a Deployment.
  if (properties.AutoDeploy !== true) throw new Error('AutoDeploy must be true locally');
  must(properties, 'StageName', '$default');
  const byRoute = isRecord(properties.RouteSettings) ? properties.RouteSettings : {};
  const limitsByRoute = new Map<string, ThrottleLimits>();
  for (const [routeKey, settings] of Object.entries(byRoute)) {
    const limits = limitsOf(settings);
    if (limits !== undefined) limitsByRoute.set(routeKey, limits);
  }
  return { name: '$default', limits: limitsOf(properties.DefaultRouteSettings), limitsByRoute };
};

const integrationOf = (properties: JsonRecord): Integration => {
  must(properties, 'IntegrationType', 'AWS_PROXY');
  must(properties, 'PayloadFormatVersion', '2.0');
  const timeoutMs = Number(properties.TimeoutInMillis ?? TIMEOUT_MAX_MS);
  if (!(timeoutMs >= 50 && timeoutMs <= TIMEOUT_MAX_MS)) {
    throw new Error(`TimeoutInMillis ${timeoutMs} is not between 50 and ${TIMEOUT_MAX_MS}`);
  }
  return { functionArn: String(properties.IntegrationUri), timeoutMs };
};

/** The four types, writing into one draft. */
const resourceTypesOf = (drafts: Map<string, Draft>, url: string): readonly ResourceType[] => {
  const draftOf = ({ properties }: ResolvedResource): Draft => {
    const draft = drafts.get(String(properties.ApiId));
    if (draft === undefined) throw new Error(`no API is called ${String(properties.ApiId)}`);
    return draft;
  };
  const created = (ref: string, attributes: Readonly<Record<string, string>> = {}) => ({
    ref,
    attributes,
  });
  return [
    {
      type: 'AWS::ApiGatewayV2::Api',
      honoured: ['Name', 'ProtocolType'],
      inert: { Tags: 'tags' },
      create: async (resource) => {
        must(resource.properties, 'ProtocolType', 'HTTP');
        const apiId = idOf(resource);
        if (drafts.size > 0) throw new Error('the local front serves one API');
        const name = String(resource.properties.Name);
        drafts.set(apiId, { apiId, name, routes: [], integrations: new Map() });
        return created(apiId, { ApiId: apiId, ApiEndpoint: url });
      },
    },
    {
      type: 'AWS::ApiGatewayV2::Stage',
      honoured: [
        'ApiId',
        'AutoDeploy',
        'DefaultRouteSettings.ThrottlingBurstLimit',
        'DefaultRouteSettings.ThrottlingRateLimit',
        'RouteSettings.*.ThrottlingBurstLimit',
        'RouteSettings.*.ThrottlingRateLimit',
        'StageName',
      ],
      inert: {
        AccessLogSettings: 'logs',
        'DefaultRouteSettings.DetailedMetricsEnabled': 'alarms',
        Tags: 'tags',
      },
      create: async (resource) => {
        draftOf(resource).stage = stageOf(resource.properties);
        return created('$default');
      },
    },
    {
      type: 'AWS::ApiGatewayV2::Integration',
      honoured: [
        'ApiId',
        'IntegrationType',
        'IntegrationUri',
        'PayloadFormatVersion',
        'TimeoutInMillis',
      ],
      inert: {},
      create: async (resource) => {
        const id = idOf(resource);
        draftOf(resource).integrations.set(id, integrationOf(resource.properties));
        return created(id, { IntegrationId: id });
      },
    },
    {
      type: 'AWS::ApiGatewayV2::Route',
      honoured: ['ApiId', 'AuthorizationType', 'RouteKey', 'Target'],
      inert: {},
      create: async (resource) => {
        const { properties } = resource;
        if (properties.AuthorizationType !== undefined) {
          must(properties, 'AuthorizationType', 'NONE');
        }
        const key = String(properties.RouteKey);
        const integrationId = String(properties.Target).replace(/^integrations\//, '');
        draftOf(resource).routes.push({ key, integrationId });
        return created(idOf(resource), { RouteId: idOf(resource) });
      },
    },
  ];
};

export const createHttpApi = ({ url, ...options }: HttpApiOptions): HttpApi => {
  const drafts = new Map<string, Draft>();
  let deployed: DeployedApi | undefined;
  /** Made at the first request: by then the template has been read to its end. */
  const api = (): DeployedApi | undefined => {
    const [draft] = drafts.values();
    if (draft?.stage === undefined) return undefined;
    deployed ??= deployedApi({ ...draft, stage: draft.stage });
    return deployed;
  };
  return {
    front: gateway({ ...options, api }),
    resourceTypes: resourceTypesOf(drafts, url),
    handle: (_request, response) => {
      const items = [...drafts.values()].map(({ apiId, name }) => ({
        apiId,
        name,
        apiEndpoint: url,
        protocolType: 'HTTP',
      }));
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-amzn-requestid': randomUUID(),
      });
      response.end(JSON.stringify({ items }));
    },
    close: async () => {},
  };
};
