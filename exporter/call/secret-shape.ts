/** Openings that nobody but a key issuer writes: whatever follows is a secret. */
const UNMISTAKABLE = [
  'sk-',
  'sk_live_',
  'sk_test_',
  'rk_live_',
  'github_pat_',
  'glpat-',
  'xoxb-',
  'xoxp-',
  'nvapi-',
  'AIza',
  'ya29.',
];

/** Openings that a name could have too (`hf_search`): a secret when a long unbroken run follows. */
const AMBIGUOUS = [
  'AKIA',
  'ASIA',
  'LTAI',
  'ABSK',
  'eyJ',
  'ghp_',
  'gho_',
  'ghu_',
  'ghs_',
  'ghr_',
  'hf_',
  'gsk_',
  'xai-',
  'r8_',
  'pplx-',
  'npm_',
  'fw_',
];
const AMBIGUOUS_RUN = 16;

const BEARER = 'bearer ';
const RANDOM_LENGTH = 40;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/**
 * Whether a value given as the id of an API key looks like the key itself. Wrong towards secrecy: a name
 * taken for a key is only shown as a hash, a key taken for a name would stand in every metric.
 *
 * Any of these makes a value a secret:
 * - It starts with `Bearer `, in any case.
 * - It, or a part of it after a character other than a letter, digit, `-` or `_`, opens as an issuer's keys
 *   do: `sk-…`, `github_pat_…`, `AIza…`, and for openings that a name could have too (`hf_…`, `xai-…`,
 *   `AKIA…`, the `eyJ…` of a JWT), 16 letters and digits in a row behind it.
 * - It has a stretch of 40 or more characters without spaces that looks random, once the UUIDs in it are
 *   left out (a UUID is an id). It does when 40 hexadecimal digits stand in a row (a digest), or when
 *   letters and digits, or capitals and small letters, meet without a separator more often than in names
 *   that people write (`v2`, `us-east1`, `teamKey`), or when seven consonants stand in a row.
 *
 * Takes time linear in the length.
 */
export function looksLikeSecret(value: string): boolean {
  return value.trimStart().slice(0, BEARER.length).toLowerCase() === BEARER || hasKeyOpening(value) || hasRandom(value);
}

function hasKeyOpening(value: string): boolean {
  let startsPart = true;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    const inPart = isLetterOrDigit(code) || code === 45 /* - */ || code === 95; /* _ */
    if (inPart && startsPart && opensAsKey(value, at)) return true;
    startsPart = !inPart;
  }
  return false;
}

function opensAsKey(value: string, at: number): boolean {
  for (const opening of UNMISTAKABLE) {
    if (value.startsWith(opening, at) && value.length > at + opening.length) return true;
  }
  for (const opening of AMBIGUOUS) {
    if (value.startsWith(opening, at)) return runLength(value, at + opening.length) >= AMBIGUOUS_RUN;
  }
  return false;
}

function runLength(value: string, from: number): number {
  let at = from;
  while (at < value.length && isLetterOrDigit(value.charCodeAt(at))) at++;
  return at - from;
}

function hasRandom(value: string): boolean {
  if (value.length < RANDOM_LENGTH) return false;
  for (const stretch of value.replaceAll(UUID, '').split(/\s+/)) {
    if (stretch.length >= RANDOM_LENGTH && looksRandom(stretch)) return true;
  }
  return false;
}

const OTHER = 0;
const DIGIT = 1;
const LOWER = 2;
const UPPER = 3;

function looksRandom(text: string): boolean {
  let lettersAndDigits = 0;
  let digitJoints = 0; // a letter and a digit side by side
  let caseJoints = 0; // a small letter and then a capital
  let hexRun = 0;
  let consonantRun = 0;
  let before = OTHER;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const kind = kindOf(code);
    if (kind !== OTHER) lettersAndDigits++;
    if (kind !== before && kind !== OTHER && before !== OTHER) {
      if (kind === DIGIT || before === DIGIT) digitJoints++;
      // A capital and then a small letter is how a word begins, so it is no joint.
      else if (kind === UPPER) caseJoints++;
    }
    hexRun = isHexDigit(code) ? hexRun + 1 : 0;
    consonantRun = kind >= LOWER && !isVowel(code) ? consonantRun + 1 : 0;
    if (hexRun >= RANDOM_LENGTH || consonantRun >= 7) return true;
    before = kind;
  }
  // Random hexadecimal digits have 47 digit joints in a hundred, base62 27 and 45 joints in all, base32 30;
  // names have a few: `prod-us-east1-gke-cluster2-node3-gpu-a100-v2` 14, six-letter words in camelCase 16.
  if (lettersAndDigits < RANDOM_LENGTH / 2) return false;
  return digitJoints * 6 >= lettersAndDigits || (digitJoints + caseJoints) * 4 >= lettersAndDigits;
}

function kindOf(code: number): number {
  if (code >= 97 && code <= 122) return LOWER;
  if (code >= 48 && code <= 57) return DIGIT;
  if (code >= 65 && code <= 90) return UPPER;
  return OTHER;
}

function isLetterOrDigit(code: number): boolean {
  return kindOf(code) !== OTHER;
}

function isHexDigit(code: number): boolean {
  const lower = code | 32;
  return (code >= 48 && code <= 57) || (lower >= 97 && lower <= 102);
}

function isVowel(code: number): boolean {
  switch (code | 32) {
    case 97: // a
    case 101: // e
    case 105: // i
    case 111: // o
    case 117: // u
    case 121: // y
      return true;
    default:
      return false;
  }
}
