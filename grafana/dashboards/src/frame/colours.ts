import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type SpecialValueMap,
  SpecialValueMatch,
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

/** Where no alert fires: a green so dark that a level stands out against it, and white words can be read on it in either theme. */
export const NOTHING_FIRES = 'dark-green';

/** Where nothing is known: neither well nor bad. */
export const UNKNOWN = '#6e7077';

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

/** 0 to 4 of `model_alert_level` as a word on its colour. 1 is an alert, too: of the level normal, the lowest. */
export function levelMapping(): ValueMap {
  const levels = ALERT_LEVELS.map((level) => [
    String(LEVEL_NUMBERS[level]),
    { text: level, color: LEVEL_COLOURS[level], index: LEVEL_NUMBERS[level] },
  ]);
  return {
    type: MappingType.ValueToText,
    options: { 0: { text: 'no alert', color: NOTHING_FIRES, index: 0 }, ...Object.fromEntries(levels) },
  };
}

/** What a cell says that has no value, without a colour: no value is not below all thresholds. */
export function emptyCell(text: string): SpecialValueMap {
  return {
    type: MappingType.SpecialValue,
    options: { match: SpecialValueMatch.Null, result: { text, color: 'transparent', index: 0 } },
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

/** The same for the ground of cells: none below the first level, so that what stands out does. */
export function groundOf(thresholds: ThresholdsConfig): ThresholdsConfig {
  const [, ...levels] = thresholds.steps;
  return { ...thresholds, steps: [{ value: null, color: 'transparent' }, ...levels] };
}

/** The same for tiles, which are painted where there is no value, too. */
export function knownFrom0(thresholds: ThresholdsConfig): ThresholdsConfig {
  const [lowest, ...levels] = thresholds.steps;
  return { ...thresholds, steps: [{ value: null, color: UNKNOWN }, { ...lowest!, value: 0 }, ...levels] };
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
