/** Of the exporter in the configuration of Prometheus that comes with it. */
export const JOB = { job: 'model-observation' };
