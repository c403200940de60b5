/** A token bucket of a stage or a route: a rate per second, and how much may come at once. */
export interface ThrottleLimits {
  readonly ratePerSecond: number;
  readonly burst: number;
}

export interface Throttle {
  readonly admits: (nowMs: number) => boolean;
}

export const createThrottle = ({ ratePerSecond, burst }: ThrottleLimits): Throttle => {
  let tokens = burst;
  let atMs: number | undefined;
  return {
    admits: (nowMs) => {
      const passedMs = Math.max(0, nowMs - (atMs ?? nowMs));
      tokens = Math.min(burst, tokens + (passedMs / 1_000) * ratePerSecond);
      atMs = nowMs;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
};
