/** Places for what nobody can speak for yet: new items, each as likely as the other. */
import { hash48 } from '../hash.ts';
import { days, hours } from '../time.ts';
import type { Asked, Learnt, Taste } from './ranking.ts';
import { ALL } from './trends.ts';

/** An item is new for so long, */
const NEW_MS = days(30);
/** until so many events of it are in demand's memory, */
const KNOWN_EVENTS = 100;
/** and of the newest so many take turns. */
export const NEW_ITEMS_MAX = 50;
const PAGE = 10;

/** The same for a user within an hour, so that a page does not flicker. */
const drawOf = ({ userId, anonymousId }: Taste, now: number, purpose: string): number =>
  hash48(`${userId ?? ''} ${anonymousId ?? ''} ${Math.floor(now / hours(1))} ${purpose}`) / 2 ** 48;

const newItems = (
  { catalogue, trends }: Learnt,
  now: number,
  mayBeOffered: (item: string) => boolean,
): readonly string[] => {
  const known = new Set(
    (trends.get(ALL)?.popular ?? [])
      .filter(([, events]) => events >= KNOWN_EVENTS)
      .map(([item]) => item),
  );
  const found: string[] = [];
  for (const id of catalogue.newest) {
    if (found.length === NEW_ITEMS_MAX) break;
    if (!known.has(id) && mayBeOffered(id)) found.push(id);
  }
  // Newest first, so those that are not new any more are the last.
  const isNew = (id: string): boolean => (catalogue.find(id)?.createdAt ?? 0) >= now - NEW_MS;
  let many = found.length;
  while (many > 0 && !isNew(found[many - 1] ?? '')) many -= 1;
  return found.slice(0, many);
};

export interface Exploration {
  /** Index on the page. */
  readonly place: number;
  readonly item: string;
}

/** So many of ten places; of a page that is no multiple of ten, the rest by chance. */
export const explore = (
  taste: Taste,
  learnt: Learnt,
  { now, limit }: Asked,
  of: { readonly perPage: number; readonly mayBeOffered: (item: string) => boolean },
): readonly Exploration[] => {
  const draw = (purpose: string): number => drawOf(taste, now, purpose);
  const left = [...(of.perPage === 0 ? [] : newItems(learnt, now, of.mayBeOffered))];
  const exact = (limit * of.perPage) / PAGE;
  const slots = Math.floor(exact) + (draw('slots') < exact % 1 ? 1 : 0);
  const found: Exploration[] = [];
  for (let slot = 0; slot < slots && left.length > 0; slot += 1) {
    const from = Math.floor((slot * limit) / slots);
    const until = Math.floor(((slot + 1) * limit) / slots);
    const place = from + Math.floor(draw(`place ${slot}`) * (until - from));
    const [item] = left.splice(Math.floor(draw(`item ${slot}`) * left.length), 1);
    if (item !== undefined) found.push({ place, item });
  }
  return found;
};
