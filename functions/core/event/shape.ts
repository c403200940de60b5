import { EVENT_DEPTH_MAX, EVENT_KEYS_MAX } from './limits.ts';
import { type Reject, reject } from './reject.ts';

const isContainer = (value: unknown): value is object =>
  typeof value === 'object' && value !== null;

/**
 * Looks at a parsed JSON value without recursion, before anything recursive (`JSON.stringify`
 * included) may touch it: a body of 512 KiB can nest half a million levels.
 */
export const refuseShape = (value: object): Reject | undefined => {
  const open: { readonly container: object; readonly depth: number }[] = [
    { container: value, depth: 1 },
  ];
  let keys = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { container, depth } = next;
    if (depth > EVENT_DEPTH_MAX)
      return reject('too_deep', `An event may nest ${EVENT_DEPTH_MAX} levels deep, not more.`);
    const members: readonly unknown[] = Array.isArray(container)
      ? container
      : Object.values(container);
    if (!Array.isArray(container)) keys += members.length;
    if (keys > EVENT_KEYS_MAX)
      return reject('too_many_keys', `An event may have ${EVENT_KEYS_MAX} keys, not more.`);
    for (const member of members) {
      if (isContainer(member)) open.push({ container: member, depth: depth + 1 });
      else if (typeof member === 'number' && !Number.isFinite(member))
        return reject('bad_number', 'A number is too large for a double: send it as a text.');
    }
  }
  return undefined;
};
