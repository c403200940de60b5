/** npm run logs -- <function> [--follow] [--data <folder>]: what a function printed on this machine. */
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const LOOK_EVERY_MS = 300;
/** A log opened without --follow shows its end; the whole of it is in the file. */
const SHOWN_BYTES_MAX = 256 * 1024;

const root = join(import.meta.dirname, '..');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    follow: { type: 'boolean', short: 'f', default: false },
    data: { type: 'string', default: '.tributary' },
  },
});

const folder = join(resolve(root, values.data), 'logs');
const names = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith('.log'))
      .map((file) => file.slice(0, -'.log'.length))
      .sort((a, b) => a.localeCompare(b))
  : [];

const chosen = (): string => {
  const [wish] = positionals;
  const name = names.find((one) => one === wish) ?? names.find((one) => one.includes(wish ?? ' '));
  if (name !== undefined) return join(folder, `${name}.log`);
  const known = names.length === 0 ? `none yet in ${folder}: npm start first` : names.join(', ');
  console.error(`npm run logs -- <function> [--follow]\nlogs: ${known}`);
  return process.exit(1);
};

/** Prints what lies between an offset and the end; gives back the end. */
const printFrom = (path: string, from: number): number => {
  const end = statSync(path).size;
  // A shorter file is a new one: the old one was set aside.
  const start = end < from ? 0 : from;
  const bytes = Buffer.alloc(end - start);
  const file = openSync(path, 'r');
  const length = readSync(file, bytes, 0, bytes.length, start);
  closeSync(file);
  process.stdout.write(bytes.subarray(0, length));
  return start + length;
};

const path = chosen();
let offset = existsSync(path)
  ? printFrom(path, Math.max(0, statSync(path).size - SHOWN_BYTES_MAX))
  : 0;
if (values.follow) {
  setInterval(() => {
    if (existsSync(path)) offset = printFrom(path, offset);
  }, LOOK_EVERY_MS);
}
