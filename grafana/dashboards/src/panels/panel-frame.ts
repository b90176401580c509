/** What every panel says and how large it is. */
export interface PanelFrame {
  readonly title: string;
  /** One or two sentences: what it shows, what it leaves out. */
  readonly description: string;
  /** Of 24 columns. */
  readonly width: number;
  /** In rows of 38 px. */
  readonly height: number;
  /** As Grafana calls it: `s`, `percentunit`, `short`. */
  readonly unit: string;
  readonly decimals?: number;
}

/** Points that a panel asks for at most, whatever its width: 12 hours at a step of a minute. */
export const MOST_POINTS = 720;

/** The smallest step: recorded series have no more than a point for each minute. */
export const SMALLEST_STEP = '1m';

interface FramedBuilder {
  title(title: string): this;
  description(description: string): this;
  span(width: number): this;
  height(height: number): this;
  unit(unit: string): this;
  decimals(decimals: number): this;
  maxDataPoints(points: number): this;
  interval(step: string): this;
}

/** Sets on a builder of the SDK what all panels have in common. */
export function framed<Panel extends FramedBuilder>(builder: Panel, frame: PanelFrame): Panel {
  builder
    .title(frame.title)
    .description(frame.description)
    .span(frame.width)
    .height(frame.height)
    .unit(frame.unit)
    .maxDataPoints(MOST_POINTS)
    .interval(SMALLEST_STEP);
  if (frame.decimals !== undefined) builder.decimals(frame.decimals);
  return builder;
}
