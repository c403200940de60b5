/** A clock that tests can move: `Date` of one function's process, local runs only. */
const RealDate = Date;
let offsetMs = 0;

const realNow = Date.now.bind(Date);
const shiftedNow = (): number => realNow() + offsetMs;

/** From the start: a handler keeps `Date.now` itself when it is loaded, before anything moves. */
RealDate.now = shiftedNow;

/** Without an offset `new Date` stays the engine's own, so an ordinary run pays nothing. */
export const shiftClock = (toMs: number): void => {
  offsetMs = Number.isFinite(toMs) ? toMs : 0;
  if (offsetMs === 0) {
    globalThis.Date = RealDate;
    return;
  }
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [shiftedNow()] : args, newTarget),
    apply: () => new RealDate(shiftedNow()).toString(),
  });
};
