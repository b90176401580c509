/** Whether a UTF-16 unit is an ASCII digit. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

export function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

/** Whether a UTF-16 unit is an ASCII letter. */
export function isLetter(code: number): boolean {
  return isLower(code | 32);
}

export function isAlphanumeric(code: number): boolean {
  return isLetter(code) || isDigit(code);
}

/** What identifiers, and the keys of most vendors, are made of: letters, digits, `_`, `-`. */
export function isWord(code: number): boolean {
  return isAlphanumeric(code) || code === 95 || code === 45;
}

export function isHexDigit(code: number): boolean {
  const lower = code | 32;
  return isDigit(code) || (lower >= 97 && lower <= 102);
}

/** ASCII white space that may stand within a line. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** Han ideographs, kana and Hangul: what is written without spaces between words. */
export function isIdeograph(code: number): boolean {
  return (code >= 0x3040 && code <= 0x30ff) || (code >= 0x3400 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7a3);
}

/** Where a run of characters that `is` accepts ends; at most `limit`. */
export function runEnd(text: string, from: number, is: (code: number) => boolean, limit = text.length): number {
  let at = from;
  while (at < limit && is(text.charCodeAt(at))) at += 1;
  return at;
}
