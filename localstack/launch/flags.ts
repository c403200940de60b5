/** What may stand behind `npm start --`. */
import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';

export interface Flags {
  readonly apiPort: number;
  readonly endpointPort: number;
  readonly dataDir: string;
  readonly reset: boolean;
  readonly keys: boolean;
  /** Functions look for the fault doors that `npm run fault` opens. */
  readonly faults: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly size: string | undefined;
  readonly stage: string | undefined;
  /** An assembly that is there already, for tests: nothing is bundled or synthesized. */
  readonly assembly: string | undefined;
  readonly clockOffsetMs: number;
}

export const USAGE = `npm start -- [flags]
  --port <n>           the HTTP API (8080)
  --endpoint-port <n>  every AWS service (4566)
  --data <folder>      where the state is kept (.tributary)
  --reset              forget the state first
  --keys               demand API keys, as on AWS (else a demo key is added)
  --faults             let npm run fault make functions fail on purpose
  --size <name>        starter, standard or scale (what tributary.config.ts says)
  --stage <name>       (dev)
  --json               print one line of JSON when ready, and nothing else`;

const portOf = (text: string, flag: string): number => {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`${flag} must be a port, not ${text}`);
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '8080' },
        'endpoint-port': { type: 'string', default: '4566' },
        data: { type: 'string', default: '.tributary' },
        reset: { type: 'boolean', default: false },
        keys: { type: 'boolean', default: false },
        faults: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        size: { type: 'string' },
        stage: { type: 'string' },
        assembly: { type: 'string' },
      },
    }).values;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('. ')[0] : String(cause);
    throw new Error(`${why}\n\n${USAGE}`, { cause });
  }
};

export const flagsOf = (
  root: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Flags => {
  const values = parse(args);
  return {
    apiPort: portOf(values.port, '--port'),
    endpointPort: portOf(values['endpoint-port'], '--endpoint-port'),
    dataDir: isAbsolute(values.data) ? values.data : join(root, values.data),
    reset: values.reset,
    keys: values.keys,
    faults: values.faults,
    json: values.json,
    help: values.help,
    size: values.size,
    stage: values.stage,
    assembly: values.assembly,
    clockOffsetMs: Number(environment.TRIBUTARY_CLOCK_OFFSET_MS ?? 0) || 0,
  };
};
