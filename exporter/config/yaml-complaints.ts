import type { ErrorCode } from 'yaml';

interface Complaint {
  found: string;
  hint: string | null;
}

const QUOTES = 'Put a value with special characters in quotes.';

/**
 * The parser's complaints in plain words. Its own messages are not used because some of them repeat
 * the text they stumbled on, which may be a secret.
 */
const COMPLAINTS: Partial<Record<ErrorCode, Complaint>> = {
  BAD_DQ_ESCAPE: { found: 'not YAML: a backslash in double quotes', hint: "Use single quotes ('…') instead." },
  BAD_INDENT: { found: 'not YAML: the indentation is wrong, or a bracket is not closed', hint: null },
  BAD_SCALAR_START: { found: 'not YAML: a value cannot begin with this character', hint: QUOTES },
  BLOCK_AS_IMPLICIT_KEY: { found: 'not YAML: a second ": " on the line, or wrong indentation', hint: QUOTES },
  MISSING_CHAR: { found: 'not YAML: a closing quote, a bracket, a comma or a colon is missing', hint: null },
  MULTILINE_IMPLICIT_KEY: { found: 'not YAML: a line without "key: value"', hint: null },
  MULTIPLE_DOCS: { found: 'a second document begins here', hint: 'Remove the line "---".' },
  TAB_AS_INDENT: { found: 'not YAML: a tab', hint: 'Indent with spaces.' },
  TAG_RESOLVE_FAILED: { found: 'found a value of a type that only YAML knows', hint: 'Remove the tag (!…).' },
  UNEXPECTED_TOKEN: { found: 'not YAML: the text goes on where a value has ended', hint: QUOTES },
};

/** What an error code of the YAML parser means to the writer of the file. */
export function complaintOf(code: ErrorCode): Complaint {
  return COMPLAINTS[code] ?? { found: `not YAML (${code.toLowerCase().replaceAll('_', ' ')})`, hint: null };
}
