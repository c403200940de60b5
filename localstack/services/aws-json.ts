/**
 * AWS's JSON protocols (1.0 and 1.1): the operation is named by X-Amz-Target, a fault is a typed body.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { crc32, gunzipSync } from 'node:zlib';

export type Input = Readonly<Record<string, unknown>>;
export type Operation = (input: Input) => object | Promise<object>;

/** A refusal in the shape that the SDKs read: status, type, message, and what else the type carries. */
export class AwsFault extends Error {
  readonly statusCode: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(type: string, message: string, statusCode = 400, more: Input = {}) {
    super(message);
    this.name = type;
    this.statusCode = statusCode;
    this.body = { __type: type, message, ...more };
  }
}

/** What an engine throws (ours or dynalite's) when it means to answer the client. */
interface Refusal {
  readonly statusCode: number;
  readonly body: object;
}

const isRefusal = (fault: unknown): fault is Refusal =>
  fault instanceof Error &&
  'statusCode' in fault &&
  typeof fault.statusCode === 'number' &&
  'body' in fault &&
  typeof fault.body === 'object';

/** No call of these services is larger; DynamoDB's batch of 16 MB is the largest. */
const BODY_BYTES_MAX = 17 * 1024 * 1024;

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX)
      throw new AwsFault('RequestTooLargeException', 'body too large', 413);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  // PutMetricData is sent so once it is long.
  if (request.headers['content-encoding'] !== 'gzip') return body.toString('utf8');
  return gunzipSync(body, { maxOutputLength: BODY_BYTES_MAX }).toString('utf8');
};

const parse = (text: string): Input => {
  if (text === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsFault('SerializationException', 'the body is not a JSON object');
  }
  return value as Input;
};

const operationOf = (request: IncomingMessage, operations: ReadonlyMap<string, Operation>) => {
  const target = String(request.headers['x-amz-target'] ?? '');
  const operation = operations.get(target.slice(target.indexOf('.') + 1));
  if (operation === undefined) {
    throw new AwsFault('UnknownOperationException', `unknown operation: ${target || 'none'}`);
  }
  return operation;
};

export interface JsonServiceOptions {
  readonly version: '1.0' | '1.1';
  readonly operations: Readonly<Record<string, Operation>>;
  /** Hears what is neither an answer nor a refusal: a bug, or a disk that failed. */
  readonly report?: (fault: unknown) => void;
}

export const jsonService = ({
  version,
  operations,
  report,
}: JsonServiceOptions): RequestListener => {
  const known = new Map(Object.entries(operations));
  const send = (response: ServerResponse, statusCode: number, value: object): void => {
    const body = Buffer.from(JSON.stringify(value));
    response.writeHead(statusCode, {
      'content-type': `application/x-amz-json-${version}`,
      'content-length': body.length,
      'x-amzn-requestid': randomUUID(),
      'x-amz-crc32': String(crc32(body)),
    });
    response.end(body);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = await readBody(request);
      send(response, 200, await operationOf(request, known)(parse(body)));
    } catch (fault) {
      if (isRefusal(fault)) return send(response, fault.statusCode, fault.body);
      report?.(fault);
      if (response.headersSent) return;
      send(response, 500, { __type: 'InternalServerError', message: String(fault) });
    }
  };

  return (request, response) => {
    void serve(request, response);
  };
};
