/**
 * The buckets of the histograms unless configured otherwise: upper bounds in seconds, without +Inf. Those
 * that the OpenTelemetry semantic conventions for generative AI advise for gen_ai.client.operation.duration,
 * gen_ai.server.time_to_first_token and gen_ai.server.time_per_output_token, with the first two carried on:
 * reasoning models and long queues go beyond 81.92 s and 10 s.
 */
export const DEFAULT_BUCKETS = {
  durationSeconds: [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36,
  ],
  firstTokenSeconds: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 30, 60],
  generationPerTokenSeconds: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
} as const;
