import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import { KinesisError } from '../../engines/kinesis/errors.ts';
import { decoded, type Wire, wireOf } from './wire.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A call is 10 MiB of records; base64 and the names around it take the rest. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const TARGET_PREFIX = 'Kinesis_20131202.';

export const kinesisHandler = ({
  call,
  random,
}: {
  readonly call: (operation: string, parameters: Fields) => Fields;
  readonly random: () => number;
}): RequestListener => {
  const respond = (response: ServerResponse, wire: Wire, status: number, body: Fields): void => {
    const bytes = wire.encode(body);
    response.writeHead(status, {
      'content-type': wire.contentType,
      'content-length': bytes.length,
      'x-amz-crc32': String(crc32(bytes)),
      'x-amzn-requestid': requestId(random),
      ...(status === 200 ? {} : { 'x-amzn-errortype': String(body.__type) }),
    });
    response.end(bytes);
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const wire = wireOf(request.headers['content-type']);
    try {
      const target = String(request.headers['x-amz-target'] ?? '');
      const body = await bodyOf(request);
      const operation = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
      respond(response, wire, 200, call(operation, decoded(wire, body)));
    } catch (fault) {
      const { type, message, statusCode } = asKinesisError(fault);
      respond(response, wire, statusCode, { __type: type, message });
    }
  };
  return (request, response) => {
    // What is left to fail here is the connection itself, and its client sees that.
    serve(request, response).catch((fault: unknown) => response.destroy(fault as Error));
  };
};

/** A fault of ours or of the disk is what AWS calls InternalFailure: the client may try again. */
const asKinesisError = (fault: unknown): KinesisError =>
  fault instanceof KinesisError ? fault : new KinesisError('InternalFailure', String(fault), 500);

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX)
      throw new KinesisError('RequestEntityTooLargeException', 'The body is too large.', 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const requestId = (random: () => number): string => {
  const hex = (digits: number): string =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
};
