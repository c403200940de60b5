/**
 * AWS retries "with backoff" and does not say which; this one is short enough for a laptop: 200 ms,
 * doubled at each failure in a row, at most 10 s, half of it by chance.
 */
const FIRST_MS = 200;
const MAX_MS = 10_000;

export const backoffMs = (failuresInRow: number, random: () => number): number => {
  const full = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failuresInRow - 1, 16));
  return full / 2 + (full / 2) * random();
};
