import { expect, test } from 'vitest';
import { NewsDesk, type ShippingNews } from './shipping-news.js';

function desk(): { desk: NewsDesk; said: ShippingNews[] } {
  const said: ShippingNews[] = [];
  return { desk: new NewsDesk((news) => said.push(news), { count: 0, dropped: 0 }), said };
}

test.each(['stored', 'dead'] as const)('a trouble is over once Loki has looked at an entry: %s', (how) => {
  const { desk: told, said } = desk();
  told.trouble('Loki answered 503.', 1000, 'a');
  told.trouble('Loki answered 503.', 1000, 'b');
  told[how](1, 'a');
  told.flush();
  expect(said.at(-1)?.troubles).toEqual({ b: 'Loki answered 503.' });
  expect(said.at(-1)?.[how]).toBe(1);
});
