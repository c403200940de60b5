/** The one clock of the local cloud, which a test can move: services read it, functions are told. */
export interface MovableClock {
  readonly now: () => number;
  readonly offsetMs: () => number;
  readonly shiftTo: (offsetMs: number) => void;
}

export const createClock = (initialOffsetMs: number): MovableClock => {
  let offset = initialOffsetMs;
  return {
    now: () => Date.now() + offset,
    offsetMs: () => offset,
    shiftTo: (offsetMs) => {
      offset = offsetMs;
    },
  };
};
