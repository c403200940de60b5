/** ListObjectsV2 and ListObjectVersions over keys in S3's order, with prefixes and pages. */

/** UTF-8 order, which differs from that of JavaScript's strings beyond the first plane. */
export const compareKeys = (left: string, right: string): number => {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const [ours, theirs] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (ours !== theirs) return utf8Rank(ours) - utf8Rank(theirs);
  }
  return left.length - right.length;
};

/** Surrogates stand for code points above all others. */
const utf8Rank = (unit: number): number =>
  unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;

export interface Page {
  readonly prefix: string;
  readonly delimiter: string;
  readonly entriesMax: number;
  /** Keys up to and including this one were listed; so was all below it if it is a prefix. */
  readonly after: string;
  readonly afterPrefix: boolean;
}

export type Entry<T> =
  | { readonly kind: 'object'; readonly key: string; readonly value: T }
  | { readonly kind: 'prefix'; readonly key: string };

export interface Listed<T> {
  readonly entries: readonly Entry<T>[];
  /** Where the next page begins, if there is one. */
  readonly next?: Pick<Page, 'after' | 'afterPrefix'>;
}

const isBefore = (key: string, { after, afterPrefix }: Page): boolean =>
  after !== '' && (compareKeys(key, after) <= 0 || (afterPrefix && key.startsWith(after)));

const commonPrefix = (key: string, { prefix, delimiter }: Page): string | undefined => {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
};

export const listPage = <T>(all: Iterable<readonly [string, T]>, page: Page): Listed<T> => {
  const rows = [...all]
    .filter(([key]) => key.startsWith(page.prefix) && !isBefore(key, page))
    .sort(([left], [right]) => compareKeys(left, right));
  const entries: Entry<T>[] = [];
  for (const [key, value] of rows) {
    const shared = commonPrefix(key, page);
    const last = entries.at(-1);
    if (shared !== undefined && last?.kind === 'prefix' && last.key === shared) continue;
    if (entries.length >= page.entriesMax) {
      return last === undefined
        ? { entries }
        : { entries, next: { after: last.key, afterPrefix: last.kind === 'prefix' } };
    }
    entries.push(
      shared === undefined ? { kind: 'object', key, value } : { kind: 'prefix', key: shared },
    );
  }
  return { entries };
};

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

export const escapeXml = (text: string): string =>
  text
    .replace(/[&<>"]/g, (letter) => ESCAPES[letter] ?? letter)
    // XML cannot hold control characters as they are.
    .replace(/\p{Cc}/gu, (letter) => `&#x${letter.charCodeAt(0).toString(16)};`);

/** Elements in order; undefined ones are left out, and what is not a string is already XML. */
export const xmlElements = (
  elements: Readonly<Record<string, string | number | boolean | undefined>>,
): string =>
  Object.entries(elements)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`)
    .join('');
