/** Secrets of every kind, put together here so that no scanner takes this file for a leak. */
const base62 = 'aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYzA1bC3dE5fG7hJ9kL1mN2pQ4';
const hex = '0123456789abcdef'.repeat(4);
const pem = (label: string, lineBreak: string): string =>
  [
    `-----BEGIN ${label}-----`,
    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj',
    'MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu',
    'q8Rw==',
    `-----END ${label}-----`,
  ].join(lineBreak);

export interface Secret {
  readonly detector: string;
  readonly what: string;
  readonly text: string;
}

const keys: readonly (readonly [what: string, text: string])[] = [
  ['OpenAI', `sk-${base62.slice(0, 48)}`],
  ['OpenAI, by project', `sk-proj-${base62}_${base62.slice(3, 30)}-${base62.slice(0, 20)}`],
  ['Anthropic', `sk-ant-api03-${base62}-${base62.slice(1, 30)}AA`],
  ['Model Studio', `sk-${hex.slice(0, 32)}`],
  ['OpenRouter', `sk-or-v1-${hex}`],
  ['AWS id', `AKIA${'IOSFODNN7EXAMPLE'}`],
  ['GitHub', `ghp_${base62.slice(0, 36)}`],
  ['GitHub, fine-grained', `github_pat_11ABCDEFG0${base62}`],
  ['GitLab', `glpat-${base62.slice(0, 20)}`],
  ['Slack bot', `xoxb-${'123456789012-1234567890123-'}${base62.slice(0, 24)}`],
  ['Slack app', `xapp-1-A0123456789-${'1234567890123-'}${hex}`],
  ['Google', `AIza${'SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY'}`],
  ['Stripe', `sk_live_${base62.slice(0, 24)}`],
  ['Hugging Face', `hf_${base62.slice(0, 34)}`],
  ['Alibaba Cloud', `LTAI${'5tQ1w2E3r4T5y6U7i8O9'}`],
  ['Telegram', `123456789:${'AAF3'}${base62.slice(0, 31)}`],
  ['npm', `npm_${base62.slice(0, 36)}`],
  ['SendGrid', `SG.${base62.slice(0, 22)}.${base62.slice(0, 43)}`],
  ['Groq', `gsk_${base62.slice(0, 52)}`],
  ['xAI', `xai-${base62}`],
  ['NVIDIA', `nvapi-${base62}`],
];

export const SECRETS: readonly Secret[] = [
  ...keys.map(([what, text]) => ({ detector: 'api_key', what, text })),
  {
    detector: 'jwt',
    what: 'JWT',
    text: `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${'eyJzdWIiOiIxMjM0NTY3ODkwIn0'}.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P`,
  },
  { detector: 'private_key', what: 'PEM', text: pem('PRIVATE KEY', '\n') },
  { detector: 'private_key', what: 'RSA', text: pem('RSA PRIVATE KEY', '\n') },
  { detector: 'private_key', what: 'OpenSSH, line breaks of Windows', text: pem('OPENSSH PRIVATE KEY', '\r\n') },
  { detector: 'email', what: 'address', text: 'alice.lin+test@mail.example.com' },
  { detector: 'email', what: 'address in capitals', text: 'ALICE@EXAMPLE.COM' },
  { detector: 'phone', what: 'mobile', text: '13800138000' },
  { detector: 'phone', what: 'mobile in groups', text: '138 0013 8000' },
  { detector: 'phone', what: 'mobile with hyphens', text: '138-0013-8000' },
  { detector: 'phone', what: 'mobile with country code', text: '+86 138 0013 8000' },
  { detector: 'phone', what: 'mobile right behind the country code', text: '+8613800138000' },
  { detector: 'phone', what: 'mobile with 0086', text: '0086-13800138000' },
  { detector: 'phone', what: 'London', text: '+44 20 7946 0958' },
  { detector: 'phone', what: 'New York', text: '+1 (212) 555-0142' },
  { detector: 'phone', what: 'Berlin', text: '+49-30-901820123' },
  { detector: 'phone', what: 'North America', text: '(415) 555-2671' },
  { detector: 'phone', what: 'Beijing', text: '010-65529988' },
  { detector: 'identity_card', what: 'with X', text: '11010519491231002X' },
  { detector: 'identity_card', what: 'in digits', text: '440524198001010013' },
  { detector: 'bank_card', what: 'Visa', text: '4111111111111111' },
  { detector: 'bank_card', what: 'Visa in groups', text: '4111 1111 1111 1111' },
  { detector: 'bank_card', what: 'Mastercard with hyphens', text: '5555-5555-5555-4444' },
  { detector: 'bank_card', what: 'American Express', text: '3782 822463 10005' },
  { detector: 'bank_card', what: 'UnionPay', text: '6212345678900002' },
  { detector: 'bank_card', what: 'UnionPay, 19 digits', text: '6212345678901234569' },
  { detector: 'bank_card', what: 'debit card of ICBC', text: '9558801234567890128' },
];
