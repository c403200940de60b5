import type { OracleFact } from '../functions/core/profile/oracle.ts';
import { factOf } from './fact.ts';
import { type Random, seeded } from './random.ts';
import { render } from './render.ts';
import { act, newShopper, type Shopper } from './shopper.ts';

export interface CrowdOptions {
  readonly seed: number;
  /** Shoppers beside the six that are always there. */
  readonly users: number;
  /** Event ids are `<run id>-<n>`. */
  readonly runId: string;
  /** Before every user's name, for shoppers whom nobody has seen. */
  readonly prefix: string;
}

/** What a shopper did: as sent, and as a profile has to take it. */
export interface ShopperEvent {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly fact: OracleFact;
}

export interface Crowd {
  readonly users: readonly string[];
  /** One shopper's next deed. */
  readonly next: (atMs: number) => ShopperEvent;
}

/** 004's and 000's users are always there. */
const ALWAYS = ['user_A', 'user_B', 'user_C', 'user_D', 'user_E', 'user123'];

export const usersOf = ({ users, prefix }: Pick<CrowdOptions, 'users' | 'prefix'>) => [
  ...Array.from({ length: users }, (_, n) => `${prefix}user-${n + 1}`),
  ...ALWAYS.map((user) => `${prefix}${user}`),
];

/** So many of a hundred shoppers are in the shop at once. */
const PRESENT_PERCENT = 10;

const drawPresent = (shoppers: readonly Shopper[], inside: Shopper[], random: Random): Shopper => {
  const room = Math.max(1, Math.ceil((shoppers.length * PRESENT_PERCENT) / 100));
  const place = random.below(room);
  const there = inside[place];
  if (there?.present) return there;
  const come = shoppers[random.below(shoppers.length)];
  if (come === undefined) throw new RangeError('a crowd has shoppers');
  inside[place] = come;
  return come;
};

export const newCrowd = (options: CrowdOptions): Crowd => {
  const random = seeded(options.seed);
  const users = usersOf(options);
  const shoppers = users.map((user) => newShopper(user, random));
  const inside: Shopper[] = [];
  let events = 0;
  return {
    users,
    next: (atMs) => {
      const shopper = drawPresent(shoppers, inside, random);
      const deed = act(shopper, options.runId, random);
      events += 1;
      const eventId = `${options.runId}-${events}`;
      const sessionId = `${options.runId}-${shopper.user}-s${shopper.sessions}`;
      const rendered = render(deed, { shopper, eventId, sessionId, atMs });
      const who = { eventId, user: shopper.user, atMs };
      return { ...rendered, fact: factOf(deed, rendered, who) };
    },
  };
};
