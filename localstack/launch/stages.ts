/** One line per stage, with a tick and its time. */
export interface Stages {
  readonly run: <T>(name: string, work: () => T | Promise<T>) => Promise<T>;
  readonly say: (text: string) => void;
}

const seconds = (sinceMs: number): string =>
  `${((performance.now() - sinceMs) / 1_000).toFixed(2)} s`;

export const createStages = (write: (text: string) => void): Stages => ({
  run: async (name, work) => {
    const sinceMs = performance.now();
    const result = await work();
    write(`✓ ${name.padEnd(46)} ${seconds(sinceMs)}\n`);
    return result;
  },
  say: (text) => write(`${text}\n`),
});

export const silentStages: Stages = {
  run: async (_name, work) => work(),
  say: () => undefined,
};
