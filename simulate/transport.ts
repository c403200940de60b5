/** One HTTP exchange; it throws where no answer came. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  /** Whole seconds, where the answer asks for patience. */
  readonly retryAfterSeconds?: number;
}

export type Transport = (call: Call) => Promise<Reply>;

const TIMEOUT_MS = 35_000;

export interface Endpoint {
  readonly url: string;
  readonly key?: string | undefined;
}

export const httpTransport =
  ({ url, key }: Endpoint): Transport =>
  async ({ method, path, body }) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'x-api-key': key }),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body }),
    });
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
    return {
      status: response.status,
      body: await response.text(),
      ...(Number.isInteger(retryAfter) ? { retryAfterSeconds: retryAfter } : {}),
    };
  };
