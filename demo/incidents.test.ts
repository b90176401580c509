import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Incident, Incidents } from './incidents.js';
import { Random } from './random.js';

const HOURS_MS = 4 * 3600_000;

function incidentsOf(seed: string): Incident[] {
  return new Incidents(new Random(seed))
    .changes(-1, HOURS_MS)
    .filter(({ change }) => change === 'begins')
    .map(({ incident }) => incident);
}

test('whatever the seed, the first comes within two minutes and is the one that shows best', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const [first] = incidentsOf(seed);
      expect(first!.begins).toBeLessThan(120_000);
      expect(first!.what).toContain('qwen-plus is slow');
    }),
    { numRuns: 30 },
  );
});

test('whatever the seed, each is over before the next, lasts for several scrapes, and none comes again before the others', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const all = incidentsOf(seed);
      expect(all.length).toBeGreaterThan(16);
      for (const [index, { begins, ends }] of all.entries()) {
        expect(ends - begins).toBeGreaterThanOrEqual(110_000);
        if (index > 0) expect(begins - all[index - 1]!.ends).toBeGreaterThanOrEqual(120_000);
      }
      expect(new Set(all.slice(0, 8).map(({ what }) => what)).size).toBe(8);
      expect(new Set(all.slice(8, 16).map(({ what }) => what)).size).toBe(8);
    }),
    { numRuns: 30 },
  );
});

test('beginnings and ends are each told once, however often they are asked for', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 200 }), (steps) => {
      const incidents = new Incidents(new Random('steps'));
      let time = 0;
      const told: string[] = [];
      for (const step of steps) {
        for (const { incident, change } of incidents.changes(time, time + step))
          told.push(`${incident.begins} ${change}`);
        time += step;
      }
      const all = new Incidents(new Random('steps')).changes(0, time);
      expect(told).toEqual(all.map(({ incident, change }) => `${incident.begins} ${change}`));
    }),
  );
});

test('something is wrong between its beginning and its end, and nothing outside', () => {
  const [first, second] = incidentsOf('1') as [Incident, Incident];
  const incidents = new Incidents(new Random('1'));
  expect(incidents.at(first.begins - 1)).toBeNull();
  expect(incidents.at(first.begins)).toEqual(first);
  expect(incidents.at(first.ends - 1)).toEqual(first);
  expect(incidents.at(first.ends)).toBeNull();
  expect(incidents.at(second.begins)).toEqual(second);
});
