import { expect, test } from 'vitest';
import { signedUrl } from './signature.js';

const URL_OF_ROBOT = 'https://oapi.dingtalk.com/robot/send?access_token=abc';

test('the signature that OpenSSL makes of the same', () => {
  // printf '1700000000000\nSECabc' | openssl dgst -sha256 -hmac SECabc -binary | base64
  const signed = new URL(signedUrl(URL_OF_ROBOT, 'SECabc', 1_700_000_000_000));
  expect(Object.fromEntries(signed.searchParams)).toEqual({
    access_token: 'abc',
    timestamp: '1700000000000',
    sign: 'jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM=',
  });
  expect(signed.href).not.toMatch(/sign=[^&]*[+/]/);
});

test('without a secret the address stays as it is', () => {
  expect(signedUrl(URL_OF_ROBOT, null, 1)).toBe(URL_OF_ROBOT);
});
