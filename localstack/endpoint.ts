/**
 * The one endpoint of every AWS service, on LocalStack's own port: `aws --endpoint-url` works.
 *
 * Which service is meant says X-Amz-Target, else the scope of the signature, else the path. The
 * signature itself is not checked: whoever reaches loopback may do everything.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { LocalService } from './cloud.ts';

/** The names that signatures carry. */
export type ServiceName =
  | 'apigateway'
  | 'athena'
  | 'dynamodb'
  | 'firehose'
  | 'glue'
  | 'kinesis'
  | 'lambda'
  | 'mapping'
  | 'monitoring'
  | 's3'
  | 'scheduler'
  | 'sqs'
  | 'ssm'
  | 'states'
  | 'sts';

export type Services = Readonly<Partial<Record<ServiceName, LocalService>>>;

const TARGETS: readonly (readonly [prefix: string, service: ServiceName])[] = [
  ['Kinesis_20131202', 'kinesis'],
  ['DynamoDB', 'dynamodb'],
  ['AmazonSSM', 'ssm'],
  ['Firehose_', 'firehose'],
  ['AmazonSQS', 'sqs'],
  ['AmazonAthena', 'athena'],
  ['AWSGlue', 'glue'],
  ['GraniteServiceVersion20100801', 'monitoring'],
  ['AWSStepFunctions', 'states'],
];

const PATHS: readonly (readonly [path: RegExp, service: ServiceName])[] = [
  [/^\/2015-03-31\/event-source-mappings/, 'mapping'],
  [/^\/2015-03-31\/functions/, 'lambda'],
  [/^\/schedules|^\/schedule-groups/, 'scheduler'],
  [/^\/v2\/apis/, 'apigateway'],
];

const SCOPE = /Credential=[^/]+\/\d{8}\/[^/]+\/([a-z0-9-]+)\/aws4_request/;
/** Smithy's CBOR protocol names its service in the path. */
const RPC_PATH = /^\/service\/([^/]+)\/operation\//;

const byTarget = (target: string): ServiceName | undefined =>
  TARGETS.find(([prefix]) => target.startsWith(prefix))?.[1];

const signedFor = ({ headers, url = '' }: IncomingMessage): string | undefined => {
  const presigned = /[?&]X-Amz-(Credential=[^&]+)/.exec(url)?.[1];
  return SCOPE.exec(headers.authorization ?? decodeURIComponent(presigned ?? ''))?.[1];
};

export const serviceOf = (request: IncomingMessage): string | undefined => {
  const { headers, url = '/' } = request;
  const target = String(headers['x-amz-target'] ?? RPC_PATH.exec(url)?.[1] ?? '');
  const path = PATHS.find(([pattern]) => pattern.test(url));
  return byTarget(target) ?? path?.[1] ?? signedFor(request);
};

const send = (
  response: ServerResponse,
  status: number,
  { type, body }: { readonly type: string; readonly body: string },
): void => {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
  });
  response.end(body);
};

/** In the protocol that the client reads: JSON where it named a target, else XML. */
const refuse = (request: IncomingMessage, response: ServerResponse, message: string): void => {
  request.resume();
  if (request.headers['x-amz-target'] !== undefined) {
    const body = JSON.stringify({ __type: 'UnknownServiceException', message });
    send(response, 501, { type: 'application/x-amz-json-1.1', body });
    return;
  }
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>UnknownService</Code><Message>${message}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
  send(response, 501, { type: 'text/xml', body });
};

/** True: it has answered, and no service is asked. */
export type RequestInterceptor = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface EndpointOptions {
  readonly services: () => Services;
  /** Our own questions below `/_tributary/`. */
  readonly control: RequestInterceptor;
}

export const endpoint = ({ services, control }: EndpointOptions): RequestListener => {
  const known = (): string =>
    Object.keys(services())
      .toSorted((a, b) => a.localeCompare(b))
      .join(', ');
  return (request, response) => {
    if (control(request, response)) return;
    const name = serviceOf(request);
    if (name === undefined) {
      const message = `This is Tributary's local cloud, which speaks AWS's protocols: aws --endpoint-url http://${request.headers.host ?? 'localhost:4566'} kinesis list-streams. The HTTP API is on another port.`;
      return refuse(request, response, message);
    }
    const service = new Map<string, LocalService>(Object.entries(services())).get(name);
    if (service === undefined) {
      const message = `${name.replaceAll(/[^a-z0-9-]/g, '')} is not in the local cloud, because the platform uses no such service. There are: ${known()}.`;
      return refuse(request, response, message);
    }
    service.handle(request, response);
  };
};
