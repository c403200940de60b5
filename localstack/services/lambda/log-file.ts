/** One text file per function, kept short: the newest bytes, and those just before them. */
import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Two files of this size per function at most. */
const FILE_BYTES_MAX = 8 * 1024 * 1024;

export interface LogFile {
  readonly path: string;
  readonly write: (text: string | Uint8Array) => void;
}

export const openLog = (folder: string, name: string): LogFile => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.log`);
  let bytes = existsSync(path) ? statSync(path).size : 0;
  return {
    path,
    write: (text) => {
      const length = typeof text === 'string' ? Buffer.byteLength(text) : text.byteLength;
      if (bytes > 0 && bytes + length > FILE_BYTES_MAX) {
        renameSync(path, `${path}.1`);
        bytes = 0;
      }
      appendFileSync(path, text);
      bytes += length;
    },
  };
};
