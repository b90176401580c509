/** How much of its average a workspace has to do at an hour of the day (0 to 24, whole days on are the same). */
export type Rhythm = (hour: number) => number;

/** A busy time of the day. */
export interface Peak {
  /** Hour of the day. */
  at: number;
  /** Hours until it has fallen to 0.6 of its height. */
  width: number;
  /** Beside the floor of 1. */
  height: number;
}

const SAMPLES = 24 * 12;

/**
 * A day with peaks over a floor of 1, scaled so that the average over the day is 1: rates then mean the same for all
 * workspaces, whatever the shape of their day.
 */
export function rhythm(peaks: readonly Peak[]): Rhythm {
  const shape = (hour: number): number =>
    peaks.reduce((sum, { at, width, height }) => sum + height * bell(hoursBetween(hour, at) / width), 1);
  let total = 0;
  for (let sample = 0; sample < SAMPLES; sample += 1) total += shape((sample * 24) / SAMPLES);
  const average = total / SAMPLES;
  return (hour) => shape(hour) / average;
}

function bell(distance: number): number {
  return Math.exp((-distance * distance) / 2);
}

/** The shorter way around the clock. */
function hoursBetween(one: number, other: number): number {
  const apart = Math.abs(one - other) % 24;
  return Math.min(apart, 24 - apart);
}

/** The demo begins in the morning: traffic is there, and the first peaks are near. */
export const FIRST_HOUR = 8.5;

/**
 * The hour of the compressed day.
 * @param sinceStartMs time since the demo began
 * @param dayMs how long a day takes
 */
export function hourAt(sinceStartMs: number, dayMs: number): number {
  const hour = (FIRST_HOUR + (sinceStartMs / dayMs) * 24) % 24;
  return hour < 0 ? hour + 24 : hour;
}

/** `08:30` */
export function clockText(hour: number): string {
  const minutes = Math.floor(hour * 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
