/** Functions and routes. */
import { functionAnswer, type HonouredRow, type Row, set } from './honoured-rows.ts';
import type { SmallWorld } from './small-world.ts';

const FUNCTION = 'AWS::Lambda::Function';

const member =
  (name: string, event: object = {}): HonouredRow['observe'] =>
  async (world) =>
    Object(await functionAnswer(event)(world))[name];

const configured =
  (name: string): HonouredRow['observe'] =>
  async (world) =>
    Object(world.cloud.lambda.functions().find((one) => one.name === world.ref('Function')))[name];

/** Three at once against a reservation. */
const throttledOfThree = async (world: SmallWorld): Promise<number> => {
  const answers = await Promise.all([1, 2, 3].map(() => functionAnswer({ waitMs: 100 })(world)));
  return answers.filter((answer) => Object(answer).error === 'throttled').length;
};

export const functionRows: readonly Row[] = [
  {
    type: FUNCTION,
    path: 'Architectures',
    change: set('Function', 'Architectures', ['x86_64']),
    observe: configured('architecture'),
    before: 'arm64',
    after: 'x86_64',
  },
  {
    type: FUNCTION,
    path: 'Code.S3Bucket',
    change: set('Function', 'Code.S3Bucket', 'somebody-elses'),
    refused: 'only assets of the assembly are run locally',
  },
  {
    type: FUNCTION,
    path: 'Code.S3Key',
    change: set('Function', 'Code.S3Key', 'two.zip'),
    observe: member('who'),
    before: 'one',
    after: 'two',
  },
  {
    type: FUNCTION,
    path: 'Description',
    change: set('Function', 'Description', 'another'),
    observe: configured('description'),
    before: 'the first',
    after: 'another',
  },
  {
    type: FUNCTION,
    path: 'Environment.Variables.*',
    change: set('Function', 'Environment.Variables.COLOR', 'blue'),
    observe: member('color'),
    before: 'red',
    after: 'blue',
  },
  {
    type: FUNCTION,
    path: 'Handler',
    change: set('Function', 'Handler', 'index.other'),
    observe: member('who'),
    before: 'one',
    after: 'other',
  },
  {
    type: FUNCTION,
    path: 'MemorySize',
    change: set('Function', 'MemorySize', 1024),
    observe: async (world) => Number(await member('heapMb')(world)) > 1_000,
    before: false,
    after: true,
  },
  {
    type: FUNCTION,
    path: 'ReservedConcurrentExecutions',
    change: set('Function', 'ReservedConcurrentExecutions', 1),
    observe: throttledOfThree,
    before: 1,
    after: 2,
  },
  {
    type: FUNCTION,
    path: 'Runtime',
    change: set('Function', 'Runtime', 'nodejs22.x'),
    refused: 'Runtime nodejs22.x is not one of nodejs24.x',
  },
  {
    type: FUNCTION,
    path: 'Timeout',
    change: set('Function', 'Timeout', 1),
    observe: member('errorType', { waitMs: 1_500 }),
    before: undefined,
    after: 'Sandbox.Timedout',
  },
];

const api = (type: string): string => `AWS::ApiGatewayV2::${type}`;

const whoAnswers =
  (path: string): HonouredRow['observe'] =>
  async (world) => {
    const { status, body } = await world.get(path);
    return status === 200 ? Object(JSON.parse(body)).who : status;
  };

/** The status of the last of three requests at once. */
const third =
  (path: string): HonouredRow['observe'] =>
  async (world) => {
    await world.get(path);
    await world.get(path);
    return (await world.get(path)).status;
  };

/** Whether requests are still refused ten seconds after the burst was used up. */
const refusedLater =
  (path: string): HonouredRow['observe'] =>
  async (world) => {
    for (let at = 0; at < 101; at += 1) await world.get(path);
    world.shiftTo(10_000);
    const statuses: number[] = [];
    for (let at = 0; at < 60; at += 1) statuses.push((await world.get(path)).status);
    return statuses.includes(429);
  };

const unknownApi = (type: string, logicalId: string): Row => ({
  type: api(type),
  path: 'ApiId',
  change: set(logicalId, 'ApiId', 'nobody'),
  refused: 'no API is called nobody',
});

const ofTheStage = (member: string): string => `DefaultRouteSettings.${member}`;
const routeLimit =
  (member: string, value: number): HonouredRow['change'] =>
  (template) => {
    const settings = Object(template.Stage?.Properties.RouteSettings)['GET /two'];
    Object.assign(settings, { [member]: value });
  };

const stageRows: readonly Row[] = [
  unknownApi('Stage', 'Stage'),
  {
    type: api('Stage'),
    path: 'AutoDeploy',
    change: set('Stage', 'AutoDeploy', false),
    refused: 'AutoDeploy must be true',
  },
  {
    type: api('Stage'),
    path: 'StageName',
    change: set('Stage', 'StageName', 'v1'),
    refused: 'StageName must be $default',
  },
  {
    type: api('Stage'),
    path: ofTheStage('ThrottlingBurstLimit'),
    change: set('Stage', ofTheStage('ThrottlingBurstLimit'), 2),
    observe: (world) => third('/one')(world),
    before: 200,
    after: 429,
  },
  {
    type: api('Stage'),
    path: ofTheStage('ThrottlingRateLimit'),
    change: set('Stage', ofTheStage('ThrottlingRateLimit'), 100),
    observe: refusedLater('/one'),
    before: true,
    after: false,
  },
  {
    type: api('Stage'),
    path: 'RouteSettings.*.ThrottlingBurstLimit',
    change: routeLimit('ThrottlingBurstLimit', 2),
    observe: third('/two'),
    before: 200,
    after: 429,
  },
  {
    type: api('Stage'),
    path: 'RouteSettings.*.ThrottlingRateLimit',
    change: routeLimit('ThrottlingRateLimit', 100),
    observe: refusedLater('/two'),
    before: true,
    after: false,
  },
];

export const routeRows: readonly Row[] = [
  {
    type: api('Api'),
    path: 'Name',
    change: set('Api', 'Name', 'other'),
    observe: async (world) => {
      const response = await fetch(`${world.endpointUrl}/v2/apis`);
      return Object(await response.json()).items[0].name;
    },
    before: 'small',
    after: 'other',
  },
  {
    type: api('Api'),
    path: 'ProtocolType',
    change: set('Api', 'ProtocolType', 'WEBSOCKET'),
    refused: 'ProtocolType must be HTTP',
  },
  ...stageRows,
  unknownApi('Integration', 'Integration'),
  {
    type: api('Integration'),
    path: 'IntegrationType',
    change: set('Integration', 'IntegrationType', 'HTTP_PROXY'),
    refused: 'IntegrationType must be AWS_PROXY',
  },
  {
    type: api('Integration'),
    path: 'IntegrationUri',
    change: set('Integration', 'IntegrationUri', { 'Fn::GetAtt': ['OtherFunction', 'Arn'] }),
    observe: whoAnswers('/one'),
    before: 'one',
    after: 'two',
  },
  {
    type: api('Integration'),
    path: 'PayloadFormatVersion',
    change: set('Integration', 'PayloadFormatVersion', '1.0'),
    refused: 'PayloadFormatVersion must be 2.0',
  },
  {
    type: api('Integration'),
    path: 'TimeoutInMillis',
    change: set('Integration', 'TimeoutInMillis', 60),
    observe: whoAnswers('/slow'),
    before: 'one',
    after: 503,
  },
  unknownApi('Route', 'Route'),
  {
    type: api('Route'),
    path: 'AuthorizationType',
    change: set('Route', 'AuthorizationType', 'AWS_IAM'),
    refused: 'AuthorizationType must be NONE',
  },
  {
    type: api('Route'),
    path: 'RouteKey',
    change: set('Route', 'RouteKey', 'GET /only'),
    observe: whoAnswers('/one'),
    before: 'one',
    after: 404,
  },
  {
    type: api('Route'),
    path: 'Target',
    change: set('Route', 'Target', {
      'Fn::Join': ['/', ['integrations', { Ref: 'OtherIntegration' }]],
    }),
    observe: whoAnswers('/one'),
    before: 'one',
    after: 'two',
  },
];
