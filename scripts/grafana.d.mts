export const GRAFANA_SETTINGS: Readonly<Record<string, string>>;

export interface GrafanaOptions {
  /** Its folder, which exists. */
  data: string;
  host: string;
  port: number;
  /** Of `admin`, for the first start. */
  password: string | undefined;
  /** What the dashboards read from. */
  urls: { prometheus: string; loki: string; alertmanager: string };
}

/**
 * Grafana's program, and its home, by GRAFANA_BINARY and GRAFANA_HOME, PATH, and where packages put them; undefined when there is
 * none.
 *
 * @throws when a variable names something else, or a program that was named has no home
 */
export function findGrafana(env?: NodeJS.ProcessEnv): { command: string; home: string } | undefined;

/** How to start it, with what lies in grafana/. */
export function grafanaCommand(
  grafana: { command: string; home: string },
  options: GrafanaOptions,
  env?: NodeJS.ProcessEnv,
): { command: string; args: string[]; env: NodeJS.ProcessEnv };

/** The password with which Grafana makes its `admin`; `file`: where it stands, if it was made. */
export function adminPassword(data: string, env?: NodeJS.ProcessEnv): { password: string; file: string | undefined };
