import type { Template } from '../model/alerts.js';

/** The name of a template's alerts: `failure-rate` is `ModelFailureRate`. Names that hold no Latin letters share one. */
export function alertName({ name }: Pick<Template, 'name'>): string {
  const words = name.match(/[A-Za-z0-9]+/g) ?? ['alert'];
  return `Model${words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('')}`;
}
