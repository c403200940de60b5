/** Cuts what a process prints into lines. */
import { StringDecoder } from 'node:string_decoder';

/** A longer line is nothing that anybody reads: a metric's line is 256 KB at most. */
const LINE_CHARACTERS_MAX = 256 * 1024;

export const lineTap = (onLine: (line: string) => void): ((bytes: Buffer) => void) => {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (bytes) => {
    const lines = (rest + decoder.write(bytes)).split('\n');
    rest = (lines.pop() ?? '').slice(0, LINE_CHARACTERS_MAX);
    for (const line of lines) onLine(line);
  };
};
