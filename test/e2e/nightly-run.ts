/** The nightly job of a running platform, as who calls it over HTTP sees it. */
import { eventually } from './asking.ts';
import type { Ready } from './start-process.ts';

export type Run = Readonly<Record<string, unknown>>;

const asked = async ({ apiUrl }: Ready, path: string, method: 'GET' | 'POST'): Promise<Run> => {
  const response = await fetch(`${apiUrl}${path}`, { method });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return Object(answer);
};

export const startNightly = async (ready: Ready): Promise<string> =>
  String((await asked(ready, '/collect/batch', 'POST')).jobId);

/** Once it is over, however it ended. */
export const endOfRun = (ready: Ready, jobId: string): Promise<Run> =>
  eventually(async () => {
    const run = await asked(ready, `/collect/batch/${jobId}`, 'GET');
    return run.status === 'running' ? undefined : run;
  });

export const runNightly = async (ready: Ready): Promise<Run> =>
  endOfRun(ready, await startNightly(ready));
