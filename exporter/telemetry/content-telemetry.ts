import type { ContentIntakeOptions } from '../doors/content/content-intake.js';
import type { Logger } from './log.js';
import type { OwnMetrics } from './own-metrics.js';

/**
 * What redaction did and withheld, as metrics; nothing of the content itself.
 * @param reasons why content may be withheld
 */
export function contentTelemetry(
  own: OwnMetrics,
  log: Logger,
  reasons: readonly string[],
): Required<Pick<ContentIntakeOptions, 'redacted' | 'withheld' | 'threadFailed'>> {
  // At 0 from the start: an alert asks for increases, and a series that is born at 1 never had one.
  for (const reason of reasons) own.contentsWithheld.inc({ reason }, 0);
  return {
    redacted(counts) {
      for (const [detector, count] of Object.entries(counts)) own.redactions.inc({ detector }, count);
    },
    withheld: (reason) => own.contentsWithheld.inc({ reason }),
    // Only what kind of failure it was: a message of the engine may quote what it could not read.
    threadFailed: (error) => log.error({ failure: error.name }, 'A thread that reads large bodies failed'),
  };
}
