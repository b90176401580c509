import type { Call } from '../../call/call.js';
import { ContentPolicy } from '../../call/content-policy.js';
import { boundLabelValue } from '../../call/label-value.js';
import { cutErrorMessage, type RawRecord, SEARCHED_ERROR_MESSAGE_LENGTH } from '../../call/record.js';
import type { Redactor } from '../../redaction/redactor.js';
import { WITHHELD_REASONS } from '../../redaction/work.js';
import { BodyThreads, type BodyThreadsOptions, type ThreadFailure } from './body-threads.js';
import { holdsContent, type PreparedContent, prepareContent, UNPREPARED } from './prepared-content.js';
import { createRedactors, type Redactors } from './redactors.js';
import type { ContentSettings } from './thread-messages.js';

export interface ContentIntakeOptions extends ContentSettings {
  /** Something was replaced in a call: how often, by name of detector or pattern. For metrics. */
  redacted?: (counts: Readonly<Record<string, number>>) => void;
  /** Content or a text was withheld, for a reason out of `WITHHELD_REASONS`. For metrics. */
  withheld?: (reason: string) => void;
  /** A thread failed; the calls of its body are taken, their content is withheld. For the log. */
  threadFailed?: (error: Error) => void;
  /** Of the threads that read large bodies; for tests. */
  threads?: Omit<BodyThreadsOptions, 'settings'>;
}

/** A code is cut to a label's length; what stands behind these characters is never kept. */
const SEARCHED_ERROR_CODE_LENGTH = 4096;

/**
 * Redacts what intake keeps of a call: its texts, and its content where its workspace's mode wants it. Fails closed:
 * what cannot be redacted does not get into the spool, while the call itself does.
 */
export class ContentIntake {
  readonly policy: ContentPolicy;
  /** Read bodies that are too large for the main thread. */
  readonly threads: BodyThreads;
  readonly #options: ContentIntakeOptions;
  readonly #redactors: Redactors;

  /** @throws RedactorOptionsError */
  constructor(options: ContentIntakeOptions) {
    this.#options = options;
    this.policy = new ContentPolicy(options.logs, options.hasLoki);
    this.#redactors = createRedactors(options.redaction, options.hashKey);
    const { logs, redaction, hasLoki, hashKey } = options;
    this.threads = new BodyThreads({ settings: { logs, redaction, hasLoki, hashKey }, ...options.threads });
  }

  /** To be told of a thread that failed. */
  threadFailed(error: ThreadFailure): void {
    this.#options.threadFailed?.(error);
  }

  /** Ends the threads. */
  close(): Promise<void> {
    return this.threads.close();
  }

  /**
   * Redacts the texts of a call and says in it which logs it goes to.
   * @param raw the record that the call was read from
   * @param prepared its content, where another thread has taken it out of the record; else null
   * @returns the content of its frame; null = none is kept
   */
  take(call: Call, raw: RawRecord, prepared: PreparedContent | null): Uint8Array | null {
    const found: Record<string, number> = {};
    const mode = this.policy.modeOf(call.workspace);
    // It is a label of a metric, too, which every workspace's mode leaves in sight.
    if (call.errorCode !== '') {
      const whole = (raw.error_code as string).slice(0, SEARCHED_ERROR_CODE_LENGTH);
      const code = this.#text(this.#redactors.masked, whole, found);
      if (code !== whole) call.errorCode = boundLabelValue(code);
    }
    if (mode !== 'full') this.#redactTexts(call, raw, found);
    if (mode === 'off') call.logs = 'none';
    let bytes: Uint8Array | null = null;
    if ((mode === 'masked' || mode === 'full') && this.policy.wantsContent(call.workspace, call.model, call.id)) {
      call.logs = 'inference';
      if (prepared !== null || holdsContent(raw)) {
        let content = prepared ?? prepareContent(raw, mode, this.#redactors);
        // Redacted by other rules than those that hold here: as good as not at all.
        if (content.mode !== mode) content = UNPREPARED;
        bytes = content.bytes;
        add(found, content.counts);
        call.withheld = content.withheld;
        if (content.withheld !== '') this.#options.withheld?.(content.withheld);
      }
    }
    for (const _ in found) {
      call.redacted = found;
      this.#options.redacted?.(found);
      break;
    }
    return bytes;
  }

  #redactTexts(call: Call, raw: RawRecord, found: Record<string, number>): void {
    const { masked } = this.#redactors;
    if (call.errorMessage !== '') {
      // From the record, not from the call: a secret that was cut in two may not look like one any more.
      const whole = (raw.error_message as string).slice(0, SEARCHED_ERROR_MESSAGE_LENGTH);
      call.errorMessage = cutErrorMessage(this.#text(masked, whole, found));
    }
    if (call.traceId !== '') call.traceId = this.#text(masked, call.traceId, found);
    if (call.application !== '') call.application = this.#text(masked, call.application, found);
    if (call.user !== '') call.user = this.#text(masked, call.user, found);
    if (call.tags.length > 0) call.tags = call.tags.map((tag) => this.#text(masked, tag, found));
  }

  /** @returns empty where the text is withheld */
  #text(redactor: Redactor, text: string, found: Record<string, number>): string {
    try {
      const redacted = redactor.redactText(text);
      if (!('withheld' in redacted)) {
        add(found, redacted.counts);
        return redacted.text;
      }
      this.#options.withheld?.(redacted.withheld);
    } catch {
      this.#options.withheld?.(WITHHELD_REASONS.failed);
    }
    return '';
  }
}

function add(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const name in counts) sums[name] = (sums[name] ?? 0) + counts[name]!;
}
