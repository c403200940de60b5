import { productIdOf } from './commerce.ts';
import { EVENT_KINDS, type EventKind, type JsonObject } from './event.ts';
import { NAME_CHARACTERS_MAX } from './limits.ts';
import { isText, type Members, own } from './members.ts';
import { type Reject, reject } from './reject.ts';
import { isGenericName, type Named, resolveName } from './vocabulary.ts';

/** What a route knows about its events beforehand; it never overrides what an event says itself. */
export interface RouteHints {
  readonly defaultName?: string;
  /** An unknown `action` is the name, as in 002's activity and 003's cart. */
  readonly actionIsName: boolean;
  /** 001's door: a view without a product is one of an advertisement. */
  readonly ads: boolean;
}

export interface Naming {
  readonly kind: EventKind;
  readonly name: string;
  readonly rawName: string | null;
  /** What a page or screen is called: its `name`, which is no event name. */
  readonly title?: string;
}

const isKind = (value: string): value is EventKind =>
  (EVENT_KINDS as readonly string[]).includes(value);

/** `kind` must be one; `type` may as well be a name. */
const takeKind = (members: Members): EventKind | Reject | undefined => {
  const kind = members.take(['kind'], isText);
  if (kind !== undefined) {
    const lower = kind.trim().toLowerCase();
    return isKind(lower)
      ? lower
      : reject('unknown_kind', `\`kind\` is one of ${EVENT_KINDS.join(', ')}.`);
  }
  const type = members.take(
    ['type'],
    (value): value is string => isText(value) && isKind(value.trim().toLowerCase()),
  );
  return type === undefined ? undefined : (type.trim().toLowerCase() as EventKind);
};

const EVENT_NAME_MEMBERS = ['event', 'eventType', 'event_type', 'eventName', 'event_name'];

const isNonBlank = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '';

const isTelling = (value: unknown): value is string => isNonBlank(value) && !isGenericName(value);

interface Word {
  readonly text: string;
  readonly fromAction: boolean;
}

const isAd = (properties: JsonObject, hasProduct: boolean, ads: boolean): boolean => {
  const has = (name: string): boolean => (own(properties, name) ?? null) !== null;
  return has('ad_id') || (!hasProduct && (ads || has('campaign_id')));
};

const takeAction = (members: Members, hints: RouteHints): Word | undefined => {
  const known = (value: unknown): value is string =>
    isNonBlank(value) &&
    (hints.actionIsName ||
      hints.defaultName === undefined ||
      resolveName(value, { hasProduct: true, isAd: false, fromAction: true })?.known === true);
  const text = members.take(['action'], known);
  return text === undefined ? undefined : { text, fromAction: true };
};

const takeWord = (members: Members, hints: RouteHints): Word | undefined => {
  // On a route that names its events, a `name` or `type` is more likely the product's.
  const weak = hints.defaultName === undefined ? ['name', 'type'] : [];
  const names = [...EVENT_NAME_MEMBERS, ...weak];
  const text = members.take(names, isTelling);
  if (text !== undefined) return { text, fromAction: false };
  const action = takeAction(members, hints);
  if (action !== undefined) return action;
  const generic = members.take(names, isNonBlank);
  return generic === undefined ? undefined : { text: generic, fromAction: false };
};

const NAMELESS_KINDS: ReadonlySet<EventKind> = new Set(['identify', 'group', 'alias']);

const takeTitle = (members: Members, kind: EventKind): Naming => {
  const text = NAMELESS_KINDS.has(kind)
    ? undefined
    : members.take(['name', ...EVENT_NAME_MEMBERS], isNonBlank);
  return { kind, name: '', rawName: text ?? null, ...(text === undefined ? {} : { title: text }) };
};

const tooLong = (name: string): Reject | undefined =>
  name.length > NAME_CHARACTERS_MAX
    ? reject('name_too_long', `A name may have ${NAME_CHARACTERS_MAX} characters.`)
    : undefined;

/** Finds out what happened, in the canonical vocabulary. */
export const takeNaming = (
  members: Members,
  properties: JsonObject,
  hints: RouteHints,
): Naming | Reject => {
  const kind = takeKind(members);
  if (typeof kind === 'object') return kind;
  if (kind !== undefined && kind !== 'track') {
    const titled = takeTitle(members, kind);
    return tooLong(titled.rawName ?? '') ?? titled;
  }
  const spoken = takeWord(members, kind === 'track' ? { ...hints, defaultName: undefined } : hints);
  const word = spoken ?? { text: hints.defaultName ?? '', fromAction: false };
  const hasProduct = productIdOf(properties) !== undefined;
  const named: Named | undefined = resolveName(word.text, {
    hasProduct,
    isAd: isAd(properties, hasProduct, hints.ads),
    fromAction: word.fromAction,
  });
  if (named === undefined)
    return reject('no_name', 'An event needs a name: `event`, `eventType`, `name` or `action`.');
  return (
    tooLong(word.text) ?? {
      // Whoever says `track` means it, whatever the name sounds like.
      kind: kind ?? named.kind,
      name: kind === 'track' && named.name === '' ? word.text : named.name,
      rawName: spoken?.text ?? null,
    }
  );
};
