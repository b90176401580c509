import { expect, test } from 'vitest';
import { streamName } from './stream.js';

test('labels stand sorted, quoted as Loki reads them', () => {
  expect(streamName({ model: 'a "b" \\', log: 'audit' })).toBe(String.raw`{log="audit", model="a \"b\" \\"}`);
});
