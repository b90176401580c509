/** A rule as Prometheus reads it. */
export type PrometheusRule = {
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
} & (
  | { readonly record: string }
  | {
      readonly alert: string;
      readonly for?: string;
      readonly keep_firing_for?: string;
      readonly annotations?: Readonly<Record<string, string>>;
    }
);

export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly PrometheusRule[];
}
