/** A local service on a free port of loopback, as a contract test meets it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Served {
  readonly url: string;
  readonly close: () => Promise<void>;
}

export const serve = async (handle: RequestListener): Promise<Served> => {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** AWS's JSON protocol, for services whose SDK client is not worth its megabytes. */
export const callJson = async (url: string, target: string, input: object): Promise<Answer> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
};

export const temporaryFolder = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'tributary-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

/** A clock that stands until a test moves it. */
export const stillClock = (startMs: number) => {
  let nowMs = startMs;
  return {
    now: (): number => nowMs,
    advance: (byMs: number): void => {
      nowMs += byMs;
    },
  };
};

export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
