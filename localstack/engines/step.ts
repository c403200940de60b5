/**
 * What `step` means for every engine in this folder.
 *
 * An engine decides and never acts: it has no clock, no timer, no promise, no file and no socket.
 * It is handed the present instant, a source of random numbers in [0, 1) and one input, changes its
 * own state in memory and says what should happen: answers, log entries, reads, invocations, the
 * time at which it wants to be woken. A shell under `services/` performs that and feeds the results
 * back as further inputs. The same inputs at the same instants give the same outputs, so a seeded
 * simulation can drive the very code that the local cloud runs.
 */
export type Step<Input, Output> = (nowMs: number, random: () => number, input: Input) => Output;
