import type { RawPosition } from '../event/event.ts';
import { compareKeys, keyText } from './position.ts';

/**
 * Keys of the user's lines that were parked last, oldest first: a redriven event is applied only if
 * its old key is here, and takes it out. What is forgotten leaves a floor, the highest key forgotten
 * per stream, at or below which a redriven event is judged like a client's copy.
 */
export interface ParkedKeys {
  readonly keys: ReadonlyMap<string, RawPosition>;
  readonly floors: readonly RawPosition[];
}

export const PARKED_KEYS_MAX = 8;
/** As many streams as there are fences. */
export const PARKED_FLOORS_MAX = 2;

export const nothingParked: ParkedKeys = { keys: new Map(), floors: [] };

const raised = (floors: readonly RawPosition[], key: RawPosition): readonly RawPosition[] => {
  const floor = floors.find(({ stream }) => stream === key.stream);
  const higher = floor !== undefined && compareKeys(floor, key) > 0 ? floor : key;
  return [...floors.filter(({ stream }) => stream !== key.stream), higher].slice(
    -PARKED_FLOORS_MAX,
  );
};

export const rememberParked = (parked: ParkedKeys, key: RawPosition): ParkedKeys => {
  const keys = new Map(parked.keys).set(keyText(key), key);
  const [oldest] = keys;
  if (keys.size <= PARKED_KEYS_MAX || oldest === undefined) return { ...parked, keys };
  keys.delete(oldest[0]);
  return { keys, floors: raised(parked.floors, oldest[1]) };
};

export const takeOutParked = (parked: ParkedKeys, key: string): ParkedKeys => {
  const keys = new Map(parked.keys);
  keys.delete(key);
  return { ...parked, keys };
};

/** The key may be one of those that were forgotten. */
export const isBelowFloor = ({ floors }: ParkedKeys, key: RawPosition): boolean => {
  const floor = floors.find(({ stream }) => stream === key.stream);
  return floor !== undefined && compareKeys(key, floor) <= 0;
};
