/** The one list of variables that a function needs: its construct fills it, its cold start reads it. */
export const defineEnv = <const K extends string>(...names: readonly K[]) => ({
  provide: (values: Readonly<Record<K, string>>): Record<K, string> => ({ ...values }),
  read: (source: NodeJS.ProcessEnv): Readonly<Record<K, string>> => {
    const missing = names.filter((name) => !source[name]);
    if (missing.length > 0) throw new Error(`missing environment variables: ${missing.join(', ')}`);
    return Object.fromEntries(names.map((name) => [name, source[name]])) as Record<K, string>;
  },
});

/** What a variable says that names something which this size does not have. */
const NONE = 'none';
export const orNone = (name: string | undefined): string => name ?? NONE;
export const unlessNone = <T>(name: string, made: (name: string) => T): T | undefined =>
  name === NONE ? undefined : made(name);
