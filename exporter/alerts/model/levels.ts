/** The levels of an alert, lowest first. Fixed: whoever knows one installation reads every other. */
export const ALERT_LEVELS = ['normal', 'warning', 'error', 'critical'] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

/** The value of `model_alert_level` while an alert of the level fires; 0 is none. */
export const LEVEL_NUMBERS: Readonly<Record<AlertLevel, number>> = { normal: 1, warning: 2, error: 3, critical: 4 };

/** The levels above another, highest first. */
export function levelsAbove(level: AlertLevel): readonly AlertLevel[] {
  return ALERT_LEVELS.slice(ALERT_LEVELS.indexOf(level) + 1).toReversed();
}
