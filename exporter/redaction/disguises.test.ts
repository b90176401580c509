import { expect, test } from 'vitest';
import { createRedactor } from './redactor.js';

const redactor = createRedactor();

test.each([
  ['full-width digits', '电话１３８００１３８０００。', '电话[phone]。'],
  ['a full-width at sign and dots', 'ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｃｏｍ', '[email]'],
  ['an ideographic full stop', 'alice@example。com 你好', '[email] 你好'],
  ['zero-width characters in a number', '138\u200b0013\u200d8000!', '[phone]!'],
  ['a soft hyphen in an address', 'ali\u00adce@exam\ufeffple.com', '[email]'],
  ['combining marks', 'a\u0301lice@example.com', '[email]'],
  ['an en dash and a no-break space', '138\u20130013\u00a08000', '[phone]'],
  ['mathematical digits', '𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎 ok', '[phone] ok'],
  ['Arabic-Indic digits', '١٣٨٠٠١٣٨٠٠٠', '[phone]'],
  ['keycap emoji', '1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣', '[phone]'],
  ['percent-encoding', '?mail=alice%40example.com&n=1', '?mail=[email]&n=1'],
  ['percent-encoding, twice', '?mail=alice%2540example.com&n=1', '?mail=[email]&n=1'],
  ['a percent-encoded space before', 'tel%2013800138000', 'tel%20[phone]'],
  ['an identity card in full width', '１１０１０５１９４９１２３１００２Ｘ', '[identity_card]'],
  ['a key with an invisible character', `sk-${'0123456789abcdef'.repeat(2)}`.replace('89', '8\u200b9'), '[api_key]'],
  ['two numbers with an invisible character between', '13800138000\u200b13900139000', '[phone]\u200b[phone]'],
  ['a number right behind an address', 'alice@example.com13800138000', '[email][phone]'],
  ['digits spelled one by one', '1 3 8 0 0 1 3 8 0 0 0', '[phone]'],
  ['in an alphabet of its own', 'почта иван@пример.рф', 'почта [email]'],
  ['in Chinese', '邮箱alice@例子.公司，谢谢', '邮箱[email]，谢谢'],
])('%s', (_, text, expected) => {
  expect(redactor.redactText(text)).toMatchObject({ text: expected });
});

test('what stands around a find stays unit for unit: emoji, halves of pairs, marks', () => {
  const around = '👩‍👩‍👧‍👦 \ud83d \udc00 e\u0301 ２０２６ \u200b';
  expect(redactor.redactText(`${around}alice@example.com ${around}`)).toMatchObject({
    text: `${around}[email] ${around}`,
  });
});
