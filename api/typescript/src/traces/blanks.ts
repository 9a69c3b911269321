// Blanks around fields, the same characters as in the other SDKs. `trim` takes a byte order mark for one, and an
// expression would take quadratic time for a long run of them.

const OTHERS: ReadonlySet<number> = new Set([0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000]);

/** A text without blanks around it. */
export function withoutBlanks(text: string): string {
  return without(text, isBlank);
}

/** A text without spaces and tabs around it. */
export function withoutSpaces(text: string): string {
  return without(text, (code) => code === 0x20 || code === 0x09);
}

function without(text: string, isOne: (code: number) => boolean): string {
  let [from, to] = [0, text.length];
  while (from < to && isOne(text.charCodeAt(from))) from += 1;
  while (to > from && isOne(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  if (code <= 0x20) return code >= 0x1c || (code >= 0x09 && code <= 0x0d);
  return code >= 0x85 && ((code >= 0x2000 && code <= 0x200a) || OTHERS.has(code));
}
