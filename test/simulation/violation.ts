export class Violation extends Error {
  override readonly name = 'Violation';
}

export const violated = (invariant: string, detail: string): never => {
  throw new Violation(`${invariant}: ${detail}`);
};
