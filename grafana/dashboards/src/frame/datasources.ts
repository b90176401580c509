/** The data source that the dashboard's variable of this name chooses. */
export const PROMETHEUS = { type: 'prometheus', uid: '$datasource' } as const;
export const LOKI = { type: 'loki', uid: '$loki' } as const;

/** As in `grafana/provisioning/datasources/`. */
export const DATASOURCE_UIDS = {
  prometheus: 'model-observation-prometheus',
  loki: 'model-observation-loki',
  alertmanager: 'model-observation-alertmanager',
} as const;
