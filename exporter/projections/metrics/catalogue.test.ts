import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAMILIES, type Family, LABELS } from './catalogue.js';
import { blockKinds, KIND_NAMES } from './kinds.js';
import { bucketBounds } from './options.js';
import { metricsReference } from './reference.js';
import { OPTIONS } from './testdata/calls.js';

const families: readonly Family[] = FAMILIES;

describe('the catalogue', () => {
  it('is what the reference page says', () => {
    const page = readFileSync(new URL('../../../docs/reference/metrics.md', import.meta.url), 'utf8');
    expect(page, 'docs/reference/metrics.md is not what the catalogue says: run npm run generate').toBe(
      metricsReference(),
    );
  });

  it.each(families)('$name is named and described by the conventions', (family) => {
    expect(family.name).toMatch(/^model_[a-z]+(_[a-z]+)*$/);
    expect(family.name.endsWith('_total')).toBe(family.type === 'counter');
    expect(family.help).toMatch(/^[A-Z].*\.$/);
    expect(family.explanation).toMatch(/\.$/);
    expect(family.example).toContain(family.name);
    if (family.unit !== '') expect(family.name.replace(/_total$/, '')).toMatch(new RegExp(`_${family.unit}$`));
  });

  it('has no family twice, and no label that nobody has', () => {
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
    expect(new Set(families.flatMap(({ labels }) => labels))).toEqual(new Set(Object.keys(LABELS)));
  });

  it('agrees with every block on labels and type', () => {
    const owners = {
      workspace: ['workspace_id'],
      model: ['workspace_id', 'model'],
      tuple: ['workspace_id', 'model', 'apikey_id', 'inference_type'],
    };
    const kinds = blockKinds(bucketBounds(OPTIONS.buckets));
    for (const name of KIND_NAMES) {
      const kind = kinds[name];
      const family = families.find((candidate) => candidate.name === kind.family);
      expect(family?.type === 'gauge', name).toBe(!kind.counter);
      for (const shape of kind.shapes) {
        const further = `${kind.suffix('1:x')}${shape.labels}`.matchAll(/(?<=,)([a-z_]+)="/g);
        const labels = [...owners[kind.owner], ...[...further].map(([, label]) => label)];
        expect(
          labels.filter((label) => label !== 'le'),
          name,
        ).toEqual(family?.labels);
      }
    }
  });
});
