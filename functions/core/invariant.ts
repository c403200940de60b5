/** A broken promise of our own code: it fails the record or the request that met it. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

export function invariant(condition: unknown, promise: string): asserts condition {
  if (!condition) throw new InvariantViolation(promise);
}
