import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type ThresholdsConfig,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { ALERT_LEVELS, type AlertLevel, LEVEL_NUMBERS } from '../../../../exporter/alerts/model/levels.js';
import { OFFICIAL_TEMPLATES } from '../../../../exporter/alerts/templates/official.js';

/** One colour for each level, everywhere. */
export const LEVEL_COLOURS: Readonly<Record<AlertLevel, string>> = {
  normal: 'green',
  warning: 'yellow',
  error: 'orange',
  critical: 'red',
};

/** Where no alert fires: the green of what is well, so faint that a level stands out against it. */
export const NOTHING_FIRES = 'rgba(115, 191, 105, 0.35)';

/** Of what is neither good nor bad, such as how many calls there were. */
export const NEUTRAL = 'blue';

/** What became of calls, and of what kind failures were: one colour each, in every panel. */
export const COLOURS_OF_VALUES: Readonly<Record<string, string>> = {
  success: 'green',
  failure: 'red',
  cancelled: '#8e8e8e',
  content_moderation: 'purple',
  rate_limited: 'yellow',
  timeout: 'orange',
  client_error: 'blue',
  server_error: 'red',
};

/** 0 to 4 of `model_alert_level` as a word on its colour. */
export function levelMapping(): ValueMap {
  const levels = ALERT_LEVELS.map((level) => [
    String(LEVEL_NUMBERS[level]),
    { text: level, color: LEVEL_COLOURS[level], index: LEVEL_NUMBERS[level] },
  ]);
  return {
    type: MappingType.ValueToText,
    options: { 0: { text: 'well', color: NOTHING_FIRES, index: 0 }, ...Object.fromEntries(levels) },
  };
}

/** The colour of each level from its threshold on; green below. */
export function levelThresholds(thresholds: ReadonlyMap<AlertLevel, number>): ThresholdsConfig {
  const steps = ALERT_LEVELS.filter((level) => level !== 'normal' && thresholds.has(level)).map((level) => ({
    value: thresholds.get(level)!,
    color: LEVEL_COLOURS[level],
  }));
  return { mode: ThresholdsMode.Absolute, steps: [{ value: null, color: LEVEL_COLOURS.normal }, ...steps] };
}

/** The thresholds of an official template: a panel turns yellow where the alert of that name would warn. */
export function thresholdsOf(template: string): ThresholdsConfig {
  const [condition] = OFFICIAL_TEMPLATES.get(template)?.conditions ?? [];
  if (condition === undefined) throw new Error(`no official template ${template}`);
  if (typeof condition.thresholds === 'number') throw new Error(`${template} has no threshold for each level`);
  return levelThresholds(condition.thresholds);
}

/** One colour whatever the value. */
export function always(color: string): ThresholdsConfig {
  return { mode: ThresholdsMode.Absolute, steps: [{ value: null, color }] };
}

/** Thresholds as the SDK's builders take them. */
export function thresholdsBuilder({ mode, steps }: ThresholdsConfig): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(mode).steps(steps);
}

export function byThresholds(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.Thresholds);
}

/** A colour for each series, in their order: by their names some would look alike. */
export function byOrder(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic);
}
