/** `npm run ledger` as a person runs it against a running platform. */
import { execFile } from 'node:child_process';
import type { Ready } from './start-process.ts';

export interface LedgerSaid {
  readonly code: number;
  readonly said: string;
}

/** Delivers to the lake what the streams hold, then closes all minutes since then. */
export const closeLedger = async ({ endpointUrl }: Ready, fromMs: number): Promise<LedgerSaid> => {
  const flushed = await fetch(`${endpointUrl}/_tributary/flush`, { method: 'POST' });
  if (!flushed.ok) throw new Error(`flush: ${await flushed.text()}`);
  const from = new Date(fromMs).toISOString();
  const to = new Date(Date.now() + 60_000).toISOString();
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['bin/ledger.ts', '--from', from, '--to', to],
      {
        env: {
          ...process.env,
          AWS_ENDPOINT_URL: endpointUrl,
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
        },
      },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    );
  });
};
