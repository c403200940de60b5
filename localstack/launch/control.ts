/** Our own questions to a running platform, beside AWS's on the same port. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MovableClock } from './clock.ts';

const PREFIX = '/_tributary/';
const BODY_BYTES_MAX = 1_024;

export interface ControlOptions {
  readonly clock: MovableClock;
  readonly health: () => Readonly<Record<string, unknown>>;
  /** Delivers to the lake all that the streams hold now. */
  readonly flush: () => Promise<void>;
}

const sendJson = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};

/** `POST /_tributary/clock` with `{"offsetMs": n}`: the services' and the functions' clock. */
const moveClock = (
  clock: MovableClock,
  request: IncomingMessage,
  response: ServerResponse,
): void => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    if (body.length <= BODY_BYTES_MAX) body += chunk.toString('utf8');
  });
  request.on('end', () => {
    const offsetMs = Number(
      /^\{"offsetMs":\s*(-?\d{1,15})\}$/.exec(body.trim())?.[1] ?? Number.NaN,
    );
    if (Number.isNaN(offsetMs)) {
      sendJson(response, 400, { message: 'send {"offsetMs": <whole number>}' });
      return;
    }
    clock.shiftTo(offsetMs);
    sendJson(response, 200, { offsetMs, now: new Date(clock.now()).toISOString() });
  });
};

export const control =
  ({ clock, health, flush }: ControlOptions) =>
  (request: IncomingMessage, response: ServerResponse): boolean => {
    const [path = ''] = (request.url ?? '').split('?');
    if (!path.startsWith(PREFIX)) return false;
    const question = `${request.method} ${path.slice(PREFIX.length)}`;
    if (question === 'GET health') sendJson(response, 200, health());
    else if (question === 'POST clock') moveClock(clock, request, response);
    else if (question === 'POST flush') {
      flush().then(
        () => sendJson(response, 200, { flushed: true }),
        (fault: unknown) => sendJson(response, 500, { message: String(fault) }),
      );
    } else sendJson(response, 404, { message: 'GET health, POST clock, POST flush' });
    return true;
  };
