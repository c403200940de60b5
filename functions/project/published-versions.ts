/** Users whose last version one process remembers; of more, the one published longest ago goes. */
const USERS_MAX = 10_000;

/**
 * What this process has put on the stream. A batch that is delivered again, or cut anew, ends with
 * an older version of a user than the one that consumers have: that one is not sent after it.
 */
export const publishedVersions = <V extends number | string>() => {
  const versions = new Map<string, V>();
  return {
    has: (originKey: string, version: V): boolean => {
      const held = versions.get(originKey);
      return held !== undefined && version <= held;
    },
    add: (originKey: string, version: V): void => {
      versions.delete(originKey);
      versions.set(originKey, version);
      const [oldest] = versions.keys();
      if (versions.size > USERS_MAX && oldest !== undefined) versions.delete(oldest);
    },
  };
};
