/**
 * Money without floating point: a decimal as it is written, in millionths. Digits beyond the sixth
 * are rounded half away from zero (clients that multiply doubles send 0.30000000000000004).
 */
const DECIMAL = /^([+-]?)(\d{1,30})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/;
const MICRO_DIGITS = 6;
export const MICROS_PER_UNIT = 1_000_000n;

/** Divides by a positive divisor, half away from zero. */
export const divideRounded = (value: bigint, divisor: bigint): bigint => {
  const magnitude = value < 0n ? -value : value;
  const rounded = (magnitude * 2n + divisor) / (divisor * 2n);
  return value < 0n ? -rounded : rounded;
};

/** Undefined for what is not a decimal number or a text of one. */
export const microsOf = (value: unknown): bigint | undefined => {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const match = DECIMAL.exec(String(value).trim());
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent) + MICRO_DIGITS - fraction.length;
  const digits = BigInt(whole + fraction);
  const micros =
    shift >= 0 ? digits * 10n ** BigInt(shift) : divideRounded(digits, 10n ** BigInt(-shift));
  return sign === '-' ? -micros : micros;
};

/** The product of two numbers in millionths, in millionths. */
export const timesMicros = (left: bigint, right: bigint): bigint =>
  divideRounded(left * right, MICROS_PER_UNIT);

/** Undefined where a double would lose digits. */
export const safeMicros = (micros: bigint): number | undefined => {
  const value = Number(micros);
  return Number.isSafeInteger(value) ? value : undefined;
};
