/** What came of a message. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** It is worth trying again, after so long at the earliest. `reason` is for people. */
  | { readonly kind: 'busy'; readonly reason: string; readonly holdMs: number }
  /** Somebody has to put something right. */
  | { readonly kind: 'refused'; readonly reason: string; readonly advice: string };

/** How long a robot is left alone that has sent too much. */
const TOO_FAST_HOLD_MS = 60_000;
const MOST_SAID = 200;

/** `errcode` of DingTalk: too many messages. */
const TOO_FAST = new Set([130101, 410100, 90018]);
const BUSY = new Set([-1, 33012, 33013]);
const ADVICE: Readonly<Record<number, string>> = {
  300001: 'The access token is not known: write that of the robot into the file of access_token_file or url_file.',
  310000:
    "The robot's security settings refuse it: check secret_file and this machine's clock, or let the robot take the keyword Model Observation or this machine's address.",
  400013: 'The group was dissolved: make a robot in another one.',
  400101: 'The access token is not known: write that of the robot into the file of access_token_file or url_file.',
  400102: 'The robot is switched off: switch it on in its group.',
  400106: 'There is no such robot any more: make one in the group.',
};

/**
 * What an answer of DingTalk means. The words are DingTalk's, bounded: the caller takes secrets out of them.
 * @param body as received; it is no JSON where something else than DingTalk answers
 */
export function verdictOf(status: number, body: string): Verdict {
  if (status >= 500 || status === 429 || status === 408) {
    return { kind: 'busy', reason: `HTTP ${status}`, holdMs: status === 429 ? TOO_FAST_HOLD_MS : 0 };
  }
  const answer = parse(body);
  if (status !== 200 || answer === null) {
    const advice = 'Something else than DingTalk seems to answer: check base_url or url_file, and proxies.';
    return { kind: 'refused', reason: `HTTP ${status}${answer === null ? ', no answer of a robot' : ''}`, advice };
  }
  const { code, said } = answer;
  if (code === 0) return { kind: 'delivered' };
  const reason = `errcode ${code}${said === '' ? '' : `: ${said}`}`;
  if (TOO_FAST.has(code)) return { kind: 'busy', reason, holdMs: TOO_FAST_HOLD_MS };
  if (BUSY.has(code)) return { kind: 'busy', reason, holdMs: 0 };
  return { kind: 'refused', reason, advice: ADVICE[code] ?? "Look the code up in DingTalk's documentation of robots." };
}

function parse(body: string): { code: number; said: string } | null {
  try {
    const answer = JSON.parse(body) as { errcode?: unknown; errmsg?: unknown } | null;
    if (typeof answer?.errcode !== 'number') return null;
    const said = typeof answer.errmsg === 'string' ? answer.errmsg.slice(0, MOST_SAID).toWellFormed() : '';
    return { code: answer.errcode, said: said.replaceAll(/\s+/g, ' ') };
  } catch {
    return null;
  }
}
