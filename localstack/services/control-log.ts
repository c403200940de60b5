import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Small facts as lines of JSON, written before they are true. */
export interface ControlLog<Entry> {
  readonly append: (entries: readonly Entry[]) => void;
  /** Replaces the file by these entries, at once or not at all. */
  readonly rewrite: (entries: readonly Entry[]) => void;
  readonly bytes: () => number;
  readonly close: () => void;
}

export const openControlLog = <Entry>(
  path: string,
  recovered: (entry: Entry) => void,
): ControlLog<Entry> => {
  mkdirSync(dirname(path), { recursive: true });
  let end = existsSync(path) ? readLines(path, recovered) : 0;
  let file = openSync(path, 'a');
  ftruncateSync(file, end);
  let closed = false;
  return {
    bytes: () => end,
    append: (entries) => {
      if (entries.length === 0) return;
      const bytes = Buffer.from(textOf(entries));
      try {
        for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      } catch (fault) {
        ftruncateSync(file, end);
        throw fault;
      }
      end += bytes.length;
    },
    rewrite: (entries) => {
      const text = textOf(entries);
      writeFileSync(`${path}.next`, text);
      renameSync(`${path}.next`, path);
      closeSync(file);
      file = openSync(path, 'a');
      end = Buffer.byteLength(text);
    },
    close: () => {
      // A second close would close whatever has got this number since.
      if (!closed) closeSync(file);
      closed = true;
    },
  };
};

const textOf = (entries: readonly unknown[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');

/** Answers where the last whole line ends: a killed process may have left half of one behind it. */
const readLines = <Entry>(path: string, recovered: (entry: Entry) => void): number => {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf('\n') + 1;
  for (const line of bytes.toString('utf8', 0, end).split('\n')) {
    if (line !== '') recovered(JSON.parse(line) as Entry);
  }
  return end;
};
