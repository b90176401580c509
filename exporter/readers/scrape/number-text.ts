/** Sample values as text. Sums are exact whole numbers in memory, and their decimals are exact here. */

const MICROS_PER_SECOND = 1e6;
/** A quotient of fewer than 16 digits is written by JavaScript exactly as the decimal it stands for. */
const EXACT_QUOTIENT = 1e15;

/** Whole µs as seconds. */
export function microsText(micros: number): string {
  if (micros < EXACT_QUOTIENT) return String(micros / MICROS_PER_SECOND);
  const rest = micros % MICROS_PER_SECOND;
  return decimalText((micros - rest) / MICROS_PER_SECOND, rest, 6);
}

/** Whole units and billionths as one decimal. */
export function moneyText(units: number, billionths: number): string {
  return decimalText(units, billionths, 9);
}

/** Any number, as both formats write it. */
export function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

function decimalText(whole: number, fraction: number, digits: number): string {
  if (fraction === 0) return String(whole);
  return `${whole}.${String(fraction).padStart(digits, '0').replace(/0+$/, '')}`;
}
