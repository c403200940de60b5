/**
 * The words of a Trino statement, so that functions can be renamed and traps seen before the
 * transpiler reads it. Nothing is lost: joined again, the tokens are the text.
 */

export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'space' | 'sign';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const PATTERNS: readonly (readonly [kind: TokenKind, pattern: RegExp])[] = [
  ['space', /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)+/y],
  ['string', /'(?:[^']|'')*'/y],
  ['quoted', /"(?:[^"]|"")*"/y],
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['sign', /<>|<=|>=|!=|\|\||->|=>|[\s\S]/uy],
];

const tokenAt = (text: string, at: number): Token => {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return { kind, text: found };
  }
  return { kind: 'sign', text: text.slice(at, at + 1) };
};

export const tokensOf = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; at += tokens.at(-1)?.text.length ?? 1) {
    tokens.push(tokenAt(text, at));
  }
  return tokens;
};

/** The index of the next token that is no space, from `at` on; the length where there is none. */
export const nextSolid = (tokens: readonly Token[], at: number): number => {
  let index = at;
  while (tokens[index]?.kind === 'space') index += 1;
  return Math.min(index, tokens.length);
};

export const previousSolid = (tokens: readonly Token[], before: number): number => {
  let index = before - 1;
  while (tokens[index]?.kind === 'space') index -= 1;
  return index;
};

const OPENING = new Set(['(', '[']);
const CLOSING = new Set([')', ']']);

/** Where the parenthesis that opens at `open` closes; the length where it does not. */
export const closingOf = (tokens: readonly Token[], open: number): number => {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token?.kind !== 'sign') continue;
    if (OPENING.has(token.text)) depth += 1;
    if (CLOSING.has(token.text)) depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length;
};

/** Indexes of what satisfies `test` between two parentheses, not within inner ones. */
export const flatIndexes = (
  tokens: readonly Token[],
  [open, close]: readonly [number, number],
  test: (token: Token) => boolean,
): readonly number[] => {
  const found: number[] = [];
  for (let index = open + 1; index < close; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.kind === 'sign' && OPENING.has(token.text)) index = closingOf(tokens, index);
    else if (test(token)) found.push(index);
  }
  return found;
};

export const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text.toLowerCase());

export const isSign = (token: Token | undefined, sign: string): boolean =>
  token?.kind === 'sign' && token.text === sign;
