import type { RedactionSettings } from '../../config/settings.js';
import { DETECTOR_NAMES, type DetectorName } from '../../redaction/catalogue.js';
import type { RedactionAction, RedactorOptions } from '../../redaction/options.js';
import { createRedactor, type Redactor } from '../../redaction/redactor.js';

/** The two redactors of a configuration: of what is masked, and of what is kept as it is but for images and audio. */
export interface Redactors {
  readonly masked: Redactor;
  readonly full: Redactor;
}

/**
 * @param hashKey keys the hashes that stand in for finds
 * @throws RedactorOptionsError
 */
export function createRedactors(redaction: RedactionSettings, hashKey: Uint8Array): Redactors {
  const { keepMedia } = redaction;
  return {
    masked: createRedactor(maskingOptions(redaction, hashKey)),
    full: createRedactor({ mode: 'full', keepMedia }),
  };
}

function maskingOptions(redaction: RedactionSettings, hashKey: Uint8Array): RedactorOptions {
  const { detectors: configured, patterns, keepMedia } = redaction;
  const detectors: DetectorName[] = [];
  const actions: Partial<Record<DetectorName, RedactionAction>> = {};
  for (const name of DETECTOR_NAMES) {
    const action = configured.get(name) ?? 'mask';
    if (action === 'off') continue;
    detectors.push(name);
    actions[name] = action;
  }
  return { detectors, actions, patterns, keepMedia, hashKey };
}
