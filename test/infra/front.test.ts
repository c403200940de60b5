import { expect, test } from 'vitest';
import { sizes } from '../../lib/config.ts';
import { config } from '../../tributary.config.ts';
import { ofSize, plain, SIZES, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

const routes = Object.values(platformTemplate.findResources('AWS::ApiGatewayV2::Route')).map(
  ({ Properties }) => Properties as { RouteKey: string; Target: unknown },
);

const functionBehind = (target: unknown): string => {
  const integrations = platformTemplate.findResources('AWS::ApiGatewayV2::Integration');
  const [, [, reference]] = (target as { 'Fn::Join': [string, [string, { Ref: string }]] })[
    'Fn::Join'
  ];
  return plain(integrations[reference.Ref]?.Properties.IntegrationUri);
};

test('collect answers every path that nobody else does', () => {
  expect(routes.map(({ RouteKey, Target }) => `${RouteKey} -> ${functionBehind(Target)}`)).toEqual([
    '$default -> {CollectionFunction.Arn}',
    'OPTIONS /{proxy+} -> {CollectionFunction.Arn}',
    'GET /v1/profiles -> {ServingFunction.Arn}',
    'GET /v1/profiles/{userId} -> {ServingFunction.Arn}',
    'GET /v1/profiles/{userId}/events -> {ServingFunction.Arn}',
    'GET /v1/profiles/{userId}/explain/{tag} -> {ServingFunction.Arn}',
    'GET /profile/{userId} -> {ServingFunction.Arn}',
    'GET /api/analytics/user/{userId}/page-views -> {ServingFunction.Arn}',
    'GET /v1/recommendations -> {PersonalizationFunction.Arn}',
    'GET /v1/items/{id}/similar -> {PersonalizationFunction.Arn}',
    'POST /v1/personalize -> {PersonalizationFunction.Arn}',
    'GET /personalize -> {PersonalizationFunction.Arn}',
    'GET /api/v1/personalize -> {PersonalizationFunction.Arn}',
    'GET /api/recommendations/{userId} -> {PersonalizationFunction.Arn}',
    'GET /v1/analytics/realtime -> {AnalyticsFunction.Arn}',
    'GET /v1/live -> {AnalyticsFunction.Arn}',
    'GET /api/analytics/real-time -> {AnalyticsFunction.Arn}',
    'GET /api/analytics/recent-page-views -> {AnalyticsFunction.Arn}',
    'GET /v1/failed -> {AdminFunction.Arn}',
    'POST /v1/failed/redrive -> {AdminFunction.Arn}',
    'PUT /v1/items -> {AdminFunction.Arn}',
    'GET /v1/items/{id} -> {AdminFunction.Arn}',
    'DELETE /v1/items/{id} -> {AdminFunction.Arn}',
    'POST /collect/batch -> {Nightly.Arn}',
    'GET /collect/batch/{jobId} -> {Nightly.Arn}',
  ]);
});

test('functions get payload 2.0, and may take up to 29 seconds', () => {
  for (const { Properties } of Object.values(
    platformTemplate.findResources('AWS::ApiGatewayV2::Integration'),
  )) {
    expect(Properties).toMatchObject({ PayloadFormatVersion: '2.0', TimeoutInMillis: 29_000 });
  }
});

test('the API is served from its root, deploys by itself and has no CORS of its own', () => {
  expect(theOne(platformTemplate, 'AWS::ApiGatewayV2::Stage').Properties).toMatchObject({
    StageName: '$default',
    AutoDeploy: true,
  });
  expect(theOne(platformTemplate, 'AWS::ApiGatewayV2::Api').Properties).toEqual({
    Name: 'tributary-dev-platform',
    ProtocolType: 'HTTP',
  });
});

test('the stage stops what is ten times the limit of a write key', () => {
  expect(
    SIZES.map(
      (size) =>
        theOne(ofSize(size).platformTemplate, 'AWS::ApiGatewayV2::Stage').Properties
          .DefaultRouteSettings,
    ),
  ).toEqual([
    { DetailedMetricsEnabled: false, ThrottlingRateLimit: 5000, ThrottlingBurstLimit: 10_000 },
    { DetailedMetricsEnabled: true, ThrottlingRateLimit: 5000, ThrottlingBurstLimit: 10_000 },
    { DetailedMetricsEnabled: true, ThrottlingRateLimit: 20_000, ThrottlingBurstLimit: 40_000 },
  ]);
});

test('the stage throttle of the smaller sizes follows from the limits that users edit', () => {
  const { perSecond, burst } = config.limits.write;
  for (const { throttle } of [sizes.starter, sizes.standard]) {
    expect(throttle).toEqual({ requestsPerSecond: 10 * perSecond, burst: 10 * burst });
  }
});

test('access logs say which route answered how, and nothing about a person', () => {
  const { AccessLogSettings } = theOne(platformTemplate, 'AWS::ApiGatewayV2::Stage').Properties as {
    AccessLogSettings: { Format: string };
  };
  const fields = Object.values(JSON.parse(AccessLogSettings.Format) as Record<string, string>);
  expect(fields).toContain('$context.routeKey');
  expect(fields).toContain('$context.status');
  expect(fields.filter((field) => /identity|path$|authorizer/.test(field))).toEqual([]);
});

test('only this API may call the functions', () => {
  const permissions = Object.values(platformTemplate.findResources('AWS::Lambda::Permission'));
  expect(permissions.length).toBe(routes.length);
  for (const { Properties } of permissions) {
    expect(Properties.Principal).toBe('apigateway.amazonaws.com');
    expect(plain(Properties.SourceArn)).toMatch(/^arn:.*:execute-api:.*:\{FrontApi\}\//);
  }
});
