import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  admit,
  type Breaker,
  type BreakerSettings,
  closedBreaker,
  settle,
} from '../../functions/core/breaker.ts';

const settings: BreakerSettings = { failuresMax: 3, openMs: 100, probeMs: 50 };

const failed = (breaker: Breaker, nowMs: number): Breaker => {
  const { breaker: admitted, ticket } = admit(breaker, settings, nowMs);
  return ticket === undefined ? admitted : settle(admitted, settings, { ticket, ok: false, nowMs });
};

const openAt = (nowMs: number): Breaker =>
  [1, 2, 3].reduce((breaker) => failed(breaker, nowMs), closedBreaker);

test('it opens with the third failure in a row, not with the second', () => {
  expect(failed(failed(closedBreaker, 0), 0).phase).toBe('closed');
  expect(openAt(0).phase).toBe('open');
});

test('a success between failures starts the count anew', () => {
  const two = failed(failed(closedBreaker, 0), 0);
  const mended = settle(two, settings, { ticket: two.generation, ok: true, nowMs: 0 });
  expect(failed(failed(mended, 0), 0).phase).toBe('closed');
});

test('open, it admits nothing until its time is over, and then one probe alone', () => {
  const open = openAt(1_000);
  expect(admit(open, settings, 1_099).ticket).toBeUndefined();
  const probe = admit(open, settings, 1_100);
  expect(probe.ticket).toBeDefined();
  expect(admit(probe.breaker, settings, 1_100).ticket).toBeUndefined();
  expect(admit(probe.breaker, settings, 1_149).ticket).toBeUndefined();
});

test('a probe that a frozen process never answered gives way to another', () => {
  const probe = admit(openAt(0), settings, 100);
  const second = admit(probe.breaker, settings, 150);
  expect(second.ticket).toBeDefined();
  // The lost one wakes up and fails: the second is what counts.
  const late = { ticket: probe.ticket ?? -1, ok: false, nowMs: 151 };
  expect(settle(second.breaker, settings, late)).toBe(second.breaker);
});

test('a probe that succeeds closes it, one that fails opens it for the whole time again', () => {
  const { breaker, ticket = -1 } = admit(openAt(0), settings, 100);
  expect(settle(breaker, settings, { ticket, ok: true, nowMs: 110 }).phase).toBe('closed');
  const again = settle(breaker, settings, { ticket, ok: false, nowMs: 110 });
  expect(again.phase).toBe('open');
  expect(admit(again, settings, 209).ticket).toBeUndefined();
  expect(admit(again, settings, 210).ticket).toBeDefined();
});

test('a call from before the opening changes nothing when it ends', () => {
  const open = openAt(0);
  const old = { ticket: closedBreaker.generation, ok: true, nowMs: 10 };
  expect(settle(open, settings, old)).toBe(open);
});

test('a clock that was set back does not keep it open', () => {
  expect(admit(openAt(1_000_000), settings, 5).ticket).toBeDefined();
});

/** What is known from outside alone: what was admitted, and how each call ended, in order. */
test('over any sequence of calls it admits and refuses as its description says', () => {
  const step = fc.record({
    afterMs: fc.constantFrom(0, 1, 49, 50, 51, 99, 100, 101),
    ok: fc.boolean(),
    answers: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let breaker = closedBreaker;
      let nowMs = 0;
      let inARow = 0;
      let refusedUntilMs = 0;
      let isClosed = true;
      for (const { afterMs, ok, answers } of steps) {
        nowMs += afterMs;
        const admission = admit(breaker, settings, nowMs);
        breaker = admission.breaker;
        const { ticket } = admission;
        expect(ticket !== undefined).toBe(isClosed || nowMs >= refusedUntilMs);
        if (ticket === undefined) continue;
        if (!answers) {
          // Lost while closed: no news. Lost as a probe: the next one after its time.
          if (!isClosed) refusedUntilMs = nowMs + settings.probeMs;
          continue;
        }
        breaker = settle(breaker, settings, { ticket, ok, nowMs });
        inARow = ok ? 0 : inARow + 1;
        const opens: boolean = !ok && (!isClosed || inARow >= settings.failuresMax);
        if (opens) refusedUntilMs = nowMs + settings.openMs;
        if (opens || ok) inARow = 0;
        isClosed = ok || (isClosed && !opens);
        expect(breaker.phase === 'closed').toBe(isClosed);
      }
    }),
  );
});
