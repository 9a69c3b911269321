// Money as text, exact to the last nano. Amounts are bigints or the API's decimal strings, never numbers.

const NANO_DIGITS = 9;
const NANO_PER_TOKEN = 10n ** BigInt(NANO_DIGITS);
/** Nano of one base unit, the least that L1 moves. */
export const NANO_PER_BASE_UNIT = 1000n;
/** Shares of a license, all together. */
export const SHARES_TOTAL = 1_000_000;

/** An amount in the pieces that are set differently. Joined they are the amount. */
export interface AmountParts {
  readonly sign: '' | '−';
  /** With separators between thousands. */
  readonly whole: string;
  /** The digits after the point up to the last that is not 0. */
  readonly fraction: string;
  /** The zeros behind it, so that columns of amounts align. */
  readonly zeros: string;
}

/** The pieces of an amount of nano. */
export function amountParts(nano: bigint | string): AmountParts {
  const value = BigInt(nano);
  const size = value < 0n ? -value : value;
  const digits = (size % NANO_PER_TOKEN).toString().padStart(NANO_DIGITS, '0');
  const fraction = digits.replace(/0+$/, '');
  return {
    sign: value < 0n ? '−' : '',
    whole: grouped(size / NANO_PER_TOKEN),
    fraction,
    zeros: digits.slice(fraction.length),
  };
}

/** An amount of nano in tokens, without zeros at the end: `1,234.5`. */
export function tokensText(nano: bigint | string): string {
  const { sign, whole, fraction } = amountParts(nano);
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** A whole number with separators between thousands. */
export function grouped(value: bigint | number | string): string {
  return BigInt(value)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Shares of 1,000,000 as percent, exact: `12.5 %`. */
export function sharesText(shares: number): string {
  const whole = Math.trunc(shares / 10_000);
  const fraction = (shares % 10_000).toString().padStart(4, '0').replace(/0+$/, '');
  return `${whole}${fraction === '' ? '' : `.${fraction}`} %`;
}

/** A ratio from 0 to 1 as percent with three digits that count, for pictures; small ones are `< 0.001 %`. */
export function ratioText(ratio: number): string {
  const percent = ratio * 100;
  if (percent === 0) return '0 %';
  if (percent < 0.001) return '< 0.001 %';
  return `${Number(percent.toPrecision(3))} %`;
}

/** Bytes with a unit. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(2)} MB`;
}
