/**
 * Smithy's RPC v2 in CBOR, which the AWS CLI prefers: the operation is the end of the path.
 * https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { AwsFault, type Input, type Operation } from './aws-json.ts';
import { decodeCbor, EpochSeconds, encodeCbor } from './cbor.ts';

const BODY_BYTES_MAX = 17 * 1024 * 1024;

export interface RpcCborOptions {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly report?: (fault: unknown) => void;
}

const bodyOf = async (request: IncomingMessage): Promise<Input> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new AwsFault('RequestTooLargeException', 'too large', 413);
    chunks.push(chunk);
  }
  const sent = Buffer.concat(chunks);
  const isZipped = request.headers['content-encoding'] === 'gzip';
  const body = isZipped ? gunzipSync(sent, { maxOutputLength: BODY_BYTES_MAX }) : sent;
  if (body.length === 0) return {};
  try {
    return Object(decodeCbor(body));
  } catch (cause) {
    throw new AwsFault('SerializationException', `the body is not CBOR: ${String(cause)}`);
  }
};

const withInstants = (value: unknown): unknown => {
  if (value instanceof Date) return new EpochSeconds(value.getTime() / 1_000);
  if (Array.isArray(value)) return value.map(withInstants);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withInstants(one)]));
};

const operationOf = (request: IncomingMessage, known: ReadonlyMap<string, Operation>) => {
  const name = /\/operation\/([A-Za-z]+)$/.exec(request.url ?? '')?.[1] ?? 'none';
  const operation = known.get(name);
  if (operation !== undefined) return operation;
  throw new AwsFault('UnknownOperationException', `unknown operation: ${name}`);
};

export const rpcCborService = ({ operations, report }: RpcCborOptions): RequestListener => {
  const known = new Map(Object.entries(operations));
  const send = (response: ServerResponse, status: number, value: unknown): void => {
    const body = encodeCbor(withInstants(value));
    response.writeHead(status, {
      'content-type': 'application/cbor',
      'content-length': body.length,
      'smithy-protocol': 'rpc-v2-cbor',
      'x-amzn-requestid': randomUUID(),
    });
    response.end(body);
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const input = await bodyOf(request);
      send(response, 200, await operationOf(request, known)(input));
    } catch (fault) {
      if (fault instanceof AwsFault) return send(response, fault.statusCode, fault.body);
      report?.(fault);
      send(response, 500, { __type: 'InternalServiceFault', message: String(fault) });
    }
  };
  return (request, response) => {
    serve(request, response).catch((fault: unknown) => response.destroy(fault as Error));
  };
};
