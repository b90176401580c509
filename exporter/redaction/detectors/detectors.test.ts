import { expect, test } from 'vitest';
import { DETECTORS } from '../catalogue.js';
import { createRedactor } from '../redactor.js';
import { SECRETS } from '../testdata/secrets.js';

const redactor = createRedactor();

function redacted(text: string): string {
  const result = redactor.redactText(text);
  if ('withheld' in result) throw new Error(result.withheld);
  return result.text;
}

test.each(SECRETS)('$detector: $what', ({ detector, text }) => {
  expect(redacted(text)).toBe(`[${detector}]`);
});

test.each(SECRETS)('$detector in a sentence: $what', ({ detector, text }) => {
  expect(redacted(`Please use ${text}, and nothing else.`)).toBe(`Please use [${detector}], and nothing else.`);
  expect(redacted(`这是${text}，请勿外传。`)).toBe(`这是[${detector}]，请勿外传。`);
  expect(redacted(`(${text})`)).toBe(`([${detector}])`);
  expect(redacted(`first line\n${text}\nlast line`)).toBe(`first line\n[${detector}]\nlast line`);
});

test.each(DETECTORS)('the example of $name is found by it', ({ name, example }) => {
  expect(redacted(example)).toContain(`[${name}]`);
});
