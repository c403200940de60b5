/** Values out of a line's JSON. Numbers never pass through doubles: their text is read by digits. */
import {
  and,
  call,
  cast,
  choose,
  isNotNull,
  isNull,
  joined,
  list,
  literal,
  not,
  whole,
} from '../query/build.ts';
import type { Expression } from '../query/tree.ts';

/**
 * A text, a number or a truth value as text; null where there is a list, an object, null or nothing.
 * Numbers are to be taken out of the text itself: parsed JSON writes them anew, as Java's doubles.
 */
export const scalarAt = (json: Expression, path: string): Expression =>
  call('json_extract_scalar', json, literal(`$.${path}`));

const matchesPattern = (text: Expression, pattern: string): Expression =>
  call('regexp_like', text, literal(pattern));

const FRACTION_DIGITS = 6;

/** `$` also ends before a last line break, and a cast would then end the query. */
const isNumber = (text: Expression, pattern: string): Expression =>
  and(matchesPattern(text, pattern), not(matchesPattern(text, '[^0-9.-]')));

/** In millionths; null where the text is no number of that form. It may exceed what is exact. */
export const microsIn = (text: Expression): Expression => {
  const parts = call('split', text, literal('.'));
  const fraction = call('coalesce', call('element_at', parts, whole(2)), literal(''));
  const digits = joined(
    call('element_at', parts, whole(1)),
    call('rpad', fraction, whole(FRACTION_DIGITS), literal('0')),
  );
  return choose([[isNumber(text, '^-?[0-9]{1,12}(\\.[0-9]{1,6})?$'), cast(digits, 'bigint')]]);
};

/** An integer as our own functions write it. */
export const integerIn = (text: Expression): Expression =>
  choose([[isNumber(text, '^-?[0-9]{1,16}$'), cast(text, 'bigint')]]);

const INSTANT = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$';

export const isInstant = (text: Expression): Expression => matchesPattern(text, INSTANT);

const EPOCH = cast(literal('1970-01-01 00:00:00.000'), 'timestamp(3)');

/** Milliseconds since 1970; null where the text is no instant as we write them. */
export const instantIn = (text: Expression): Expression => {
  const day = call('substr', text, whole(1), whole(10));
  const time = call('substr', text, whole(12), whole(12));
  const moment: Expression = {
    kind: 'tryCast',
    of: joined(day, literal(' '), time),
    type: 'timestamp(3)',
  };
  return choose([[isInstant(text), call('date_diff', literal('millisecond'), EPOCH, moment)]]);
};

export const matchesOf = matchesPattern;

const element: Expression = { kind: 'parameter', name: 'x' };
const lambda = (body: Expression): Expression => ({ kind: 'lambda', parameter: 'x', body });

/** The distinct texts of a field: those in a list, or the one that it is. Null: none. */
export const textsAt = (line: Expression, json: Expression, path: string): Expression => {
  const elements = call('json_extract', json, literal(`$.${path}`));
  const texts = call(
    'transform',
    cast(elements, 'array(json)'),
    lambda(call('json_extract_scalar', element, literal('$'))),
  );
  // A number has the text of a text, but is none.
  const isText = and(isNotNull(element), call('json_array_contains', elements, element));
  const some = call('array_distinct', call('filter', texts, lambda(isText)));
  const scalar = scalarAt(line, path);
  return choose([[isNull(scalar), call('try', some)]], list(scalar));
};

const CLIPPED_BYTES = 64;
const CHARACTER_BYTES_MAX = 4;
const hexDigits = (text: Expression): Expression =>
  call('length', call('to_hex', call('to_utf8', text)));

/** The longest beginning of at most 64 bytes of UTF-8, never half a character. */
export const clipped = (text: Expression): Expression => {
  const beginning = call('substr', text, whole(1), element);
  const fits: Expression = {
    kind: 'binary',
    op: '<=',
    left: hexDigits(beginning),
    right: whole(2 * CLIPPED_BYTES),
  };
  const lengths = call('sequence', whole(1), whole(CLIPPED_BYTES));
  const longest = call('cardinality', call('filter', lengths, lambda(fits)));
  const isShort: Expression = {
    kind: 'binary',
    op: '<=',
    left: call('length', text),
    right: whole(CLIPPED_BYTES / CHARACTER_BYTES_MAX),
  };
  return choose([[isShort, text]], call('substr', text, whole(1), longest));
};

/** Names a value of any length. */
export const hashed = (text: Expression): Expression =>
  call('substr', call('to_hex', call('sha256', call('to_utf8', text))), whole(1), whole(32));
