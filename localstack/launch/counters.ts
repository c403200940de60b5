/** One line that is written over and over, on a terminal only. */
import type { Platform } from './platform.ts';

const EVERY_MS = 1_000;

const line = ({ answers, copies }: Platform): string => {
  let taken = 0;
  let refused = 0;
  let failed = 0;
  for (const [status, count] of answers) {
    if (status < 400) taken += count;
    else if (status < 500) refused += count;
    else failed += count;
  }
  const running = [...copies().values()].flat().length;
  return `requests: ${taken} taken, ${refused} refused, ${failed} failed · function processes: ${running}`;
};

/** Gives back what stops it. */
export const showCounters = (platform: Platform, out: NodeJS.WriteStream): (() => void) => {
  if (!out.isTTY) return () => undefined;
  const timer = setInterval(() => {
    out.write(`\r\u001b[2K  ${line(platform)}`.slice(0, Math.max(20, out.columns + 5)));
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    out.write('\n');
  };
};
