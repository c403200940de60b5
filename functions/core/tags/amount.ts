/**
 * Amounts are integers: counts, and money in micros. They are exact up to 2^53 − 1 (nine billion
 * units of money) and stay there beyond it, rather than lose their last digits unseen.
 */
export const AMOUNT_MAX = Number.MAX_SAFE_INTEGER;

export const addAmounts = (left: number, right: number): number =>
  Math.max(-AMOUNT_MAX, Math.min(AMOUNT_MAX, left + right));

export const MICROS = 1_000_000;

/** The shortest decimal: `470.5`, `-0.000001`, `3`. */
export const microsToText = (micros: number): string => {
  const size = Math.abs(micros);
  const whole = Math.floor(size / MICROS);
  const fraction = String(size % MICROS)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${micros < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
};
