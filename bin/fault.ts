/** npm run fault: makes a function of the local platform fail on purpose, for a time. */
import { parseArgs } from 'node:util';
import {
  DOOR_PORTS,
  DOORS,
  doorKey,
  type FaultDoor,
  type PortFault,
  readFaultDoor,
} from '../functions/runtime/fault-door.ts';
import { localEndpoint } from '../functions/runtime/local-endpoint.ts';

const doorLines = Object.entries(DOORS)
  .map(([name, doors]) => `  ${name.padEnd(10)} ${doors.join(' ')}`)
  .join('\n');
const USAGE = `npm run fault -- <function> [--event <id> …] [--fail <port> …] [--throttle <port> …] [--slow <port> …]
npm run fault -- <function> --clear
npm run fault -- <function>            shows its door
  --seconds 60     for how long
  --ms 500         how slow
  --endpoint http://localhost:4566
Only for a platform that was started with npm start -- --faults. Doors (events: --event):
${doorLines}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    event: { type: 'string', multiple: true, default: [] },
    fail: { type: 'string', multiple: true, default: [] },
    throttle: { type: 'string', multiple: true, default: [] },
    slow: { type: 'string', multiple: true, default: [] },
    seconds: { type: 'string', default: '60' },
    ms: { type: 'string', default: '500' },
    clear: { type: 'boolean', default: false },
    stage: { type: 'string', default: 'dev' },
    endpoint: { type: 'string' },
  },
});

class Misuse extends Error {}

const functionName = (): keyof typeof DOORS => {
  const name = Object.keys(DOORS).find((one) => one === positionals[0]);
  if (name === undefined || positionals.length > 1) throw new Misuse(USAGE);
  return name as keyof typeof DOORS;
};

const wholeNumber = (name: 'seconds' | 'ms'): number => {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Misuse(`--${name} is a whole number above 0`);
};

const portsOf = (name: keyof typeof DOORS): FaultDoor['ports'] => {
  const doors: readonly string[] = DOORS[name];
  const wanted: readonly (readonly [readonly string[], PortFault])[] = [
    [values.fail, { kind: 'fail' }],
    [values.throttle, { kind: 'throttle' }],
    [values.slow, { kind: 'slow', ms: wholeNumber('ms') }],
  ];
  return Object.fromEntries(
    wanted.flatMap(([ports, fault]) =>
      ports.map((text) => {
        const port = DOOR_PORTS.find((one) => one === text && doors.includes(one));
        if (port === undefined) throw new Misuse(`${name} has no door ${text}\n\n${USAGE}`);
        return [port, fault];
      }),
    ),
  );
};

const main = async (): Promise<void> => {
  const name = functionName();
  const endpoint = values.endpoint ?? process.env.AWS_ENDPOINT_URL ?? 'http://localhost:4566';
  const ask = localEndpoint(endpoint);
  const parameter = `/tributary/${values.stage}/tables/records`;
  const { Parameter } = await ask('AmazonSSM.GetParameter', { Name: parameter });
  const TableName: unknown = Object(Parameter).Value;
  const { pk, sk } = doorKey(name);
  const Key = { pk: { S: pk }, sk: { S: sk } };
  if (values.clear) {
    await ask('DynamoDB_20120810.DeleteItem', { TableName, Key });
    console.log(`${name}: the door is shut; every process knows it within a second.`);
    return;
  }
  const ports = portsOf(name);
  if (values.event.length === 0 && Object.keys(ports).length === 0) {
    const { Item } = await ask('DynamoDB_20120810.GetItem', { TableName, Key });
    console.log(Object(Item).door?.S ?? `${name}: there is no door.`);
    return;
  }
  if (values.event.length > 0 && !(DOORS[name] as readonly string[]).includes('events'))
    throw new Misuse(`${name} has no door for events\n\n${USAGE}`);
  // The platform's clock may have been moved, and it is the one that shuts the door.
  const health = await (await fetch(`${endpoint}/_tributary/health`)).json();
  const until = Date.now() + Number(Object(health).offsetMs) + wholeNumber('seconds') * 1_000;
  const door = JSON.stringify({ until, events: values.event, ports });
  readFaultDoor(door);
  await ask('DynamoDB_20120810.PutItem', { TableName, Item: { ...Key, door: { S: door } } });
  console.log(`${name}: open until ${new Date(until).toISOString()} ${door}`);
};

main().catch((fault: unknown) => {
  console.error(fault instanceof Error ? fault.message : fault);
  process.exitCode = 1;
});
