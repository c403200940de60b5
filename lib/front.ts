import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { PlatformConfig } from './config.ts';

export interface FrontProps {
  readonly config: PlatformConfig;
  /** Every path that nobody else answers, health, schemas and OPTIONS among them. */
  readonly collect: IFunction;
  readonly profile: IFunction;
  readonly personalize: IFunction;
  readonly analytics: IFunction;
  readonly admin: IFunction;
  readonly nightly: IFunction;
}

const PROFILE_PATHS = [
  '/v1/profiles',
  '/v1/profiles/{userId}',
  '/v1/profiles/{userId}/events',
  '/v1/profiles/{userId}/explain/{tag}',
  '/profile/{userId}',
  '/api/analytics/user/{userId}/page-views',
] as const;

const PERSONALIZE_ROUTES = [
  ['/v1/recommendations', HttpMethod.GET],
  ['/v1/items/{id}/similar', HttpMethod.GET],
  ['/v1/personalize', HttpMethod.POST],
  ['/personalize', HttpMethod.GET],
  ['/api/v1/personalize', HttpMethod.GET],
  ['/api/recommendations/{userId}', HttpMethod.GET],
] as const;

const ANALYTICS_PATHS = [
  '/v1/analytics/realtime',
  '/v1/live',
  '/api/analytics/real-time',
  '/api/analytics/recent-page-views',
] as const;

const ADMIN_ROUTES = [
  ['/v1/failed', HttpMethod.GET],
  ['/v1/failed/redrive', HttpMethod.POST],
  ['/v1/items', HttpMethod.PUT],
  ['/v1/items/{id}', HttpMethod.GET],
  ['/v1/items/{id}', HttpMethod.DELETE],
] as const;

const NIGHTLY_ROUTES = [
  ['/collect/batch', HttpMethod.POST],
  ['/collect/batch/{jobId}', HttpMethod.GET],
] as const;

/** API Gateway gives up at 29 s; a function of ours long before that. */
const ANSWER_WITHIN_SECONDS = 29;

/** The one door: an HTTP API served from its root. Keys are checked by the functions behind it. */
export class Front extends Construct {
  readonly apiId: string;
  readonly url: string;

  constructor(scope: Construct, id: string, props: FrontProps) {
    super(scope, id);
    const timeout = Duration.seconds(ANSWER_WITHIN_SECONDS);
    const collect = new HttpLambdaIntegration('Collect', props.collect, { timeout });
    const profile = new HttpLambdaIntegration('Profile', props.profile, { timeout });
    const personalize = new HttpLambdaIntegration('Personalize', props.personalize, { timeout });
    const analytics = new HttpLambdaIntegration('Analytics', props.analytics, { timeout });
    const admin = new HttpLambdaIntegration('Admin', props.admin, { timeout });
    const nightly = new HttpLambdaIntegration('Nightly', props.nightly, { timeout });

    // No CORS here: it cannot reflect an origin with credentials, and would take OPTIONS from us.
    const api = new HttpApi(this, 'Api', {
      apiName: Stack.of(this).stackName,
      createDefaultStage: false,
      defaultIntegration: collect,
      defaultAuthorizer: new HttpNoneAuthorizer(),
    });
    api.addRoutes({
      path: '/{proxy+}',
      methods: [HttpMethod.OPTIONS],
      integration: collect,
    });
    for (const path of PROFILE_PATHS) {
      api.addRoutes({ path, methods: [HttpMethod.GET], integration: profile });
    }
    for (const [path, method] of PERSONALIZE_ROUTES) {
      api.addRoutes({ path, methods: [method], integration: personalize });
    }
    for (const path of ANALYTICS_PATHS) {
      api.addRoutes({ path, methods: [HttpMethod.GET], integration: analytics });
    }
    for (const [path, method] of ADMIN_ROUTES) {
      api.addRoutes({ path, methods: [method], integration: admin });
    }
    for (const [path, method] of NIGHTLY_ROUTES) {
      api.addRoutes({ path, methods: [method], integration: nightly });
    }
    this.apiId = api.apiId;
    this.url = api.apiEndpoint;

    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: props.config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      detailedMetricsEnabled: props.config.alarms,
      throttle: {
        rateLimit: props.config.throttle.requestsPerSecond,
        burstLimit: props.config.throttle.burst,
      },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogs),
        format: accessLogFormat,
      },
    });
  }
}

/** Neither addresses nor query strings nor user ids: the route says enough. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    at: '$context.requestTimeEpoch',
    route: '$context.routeKey',
    status: '$context.status',
    latencyMs: '$context.responseLatency',
    functionMs: '$context.integrationLatency',
    error: '$context.integrationErrorMessage',
  }),
);
