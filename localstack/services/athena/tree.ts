/** The transpiler's syntax tree, which has a shape of its own for each kind of expression. */
export type Tree = Readonly<Record<string, unknown>>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const below = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((at, key) => (isTree(at) ? at[key] : undefined), value);

export const nameOf = (value: unknown): string | undefined => {
  const name = below(value, 'name');
  return typeof name === 'string' ? name.toLowerCase() : undefined;
};

/** The members of a tree, whatever their shape. */
export const children = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  return isTree(value) ? Object.values(value) : [];
};

export const findAll = (value: unknown, key: string): readonly Tree[] => {
  const own = below(value, key);
  const here = isTree(own) ? [own] : [];
  return [...here, ...children(value).flatMap((child) => findAll(child, key))];
};
