import { expect, test } from 'vitest';
import { formatListenAddress, isLoopback, parseListenAddress } from './listen-address.js';

test.each([
  ['127.0.0.1:9490', '127.0.0.1', 9490],
  ['[::1]:9490', '::1', 9490],
  ['[fe80::1%eth0]:1', 'fe80::1%eth0', 1],
  [':9490', '', 9490],
  ['localhost:0', 'localhost', 0],
  ['exporter-1.example.com:65535', 'exporter-1.example.com', 65535],
])('%s', (text, host, port) => {
  const address = parseListenAddress(text);
  expect(address).toEqual({ host, port });
  expect(address && formatListenAddress(address)).toBe(text);
});

test.each([
  '',
  '9490',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:65536',
  '127.0.0.1:-1',
  '127.0.0.1:http',
  '999.1.1.1:80',
  '127.1:80',
  '::1:80',
  '[::1]',
  '[127.0.0.1]:80',
  '[]:80',
  'a b:80',
  '-a:80',
  'a..b:80',
  'http://a:80',
  '127.0.0.1:80\n',
])('%j is no listen address', (text) => {
  expect(parseListenAddress(text)).toBeNull();
});

test.each(['127.0.0.1', '127.255.0.9', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST'])(
  '%s is loopback',
  (host) => expect(isLoopback(host)).toBe(true),
);

test.each([
  '',
  '0.0.0.0',
  '::',
  '128.0.0.1',
  '10.0.0.1',
  '::2',
  '::ffff:10.0.0.1',
  'localhost.example.com',
  'fe80::1%lo',
])('%j is not loopback', (host) => expect(isLoopback(host)).toBe(false));
