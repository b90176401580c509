import type { Detector } from './detector.js';
import { apiKey } from './detectors/api-key.js';
import { bankCard } from './detectors/bank-card.js';
import { credential } from './detectors/credential.js';
import { email } from './detectors/email.js';
import { identityCard } from './detectors/identity-card.js';
import { jwt } from './detectors/jwt.js';
import { phone } from './detectors/phone.js';
import { privateKey } from './detectors/private-key.js';

export interface DetectorEntry {
  readonly name: string;
  /** What it finds, in one sentence. */
  readonly finds: string;
  /** What it leaves alone on purpose, or takes though it may be honest. */
  readonly limits: string;
  /** A text with a find, put together so that no scanner takes the catalogue for a leak. */
  readonly example: string;
  readonly detector: Detector;
}

/**
 * Every built-in detector. Where two find the same stretch of text, the earlier one names it; otherwise the longer
 * find does.
 */
export const DETECTORS = [
  {
    name: 'private_key',
    finds:
      'Private keys in PEM or PGP armour (`-----BEGIN … PRIVATE KEY-----`), line breaks escaped or not; of one that was cut off, what is there.',
    limits: 'Public keys and certificates stay.',
    example: `-----BEGIN PRIVATE ${'KEY'}-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE ${'KEY'}-----`,
    detector: privateKey,
  },
  {
    name: 'jwt',
    finds:
      'JSON Web Tokens, signed or encrypted: three to five parts of base64url, the first a JSON header that names an `alg`.',
    limits: 'Other parts of base64url with dots between stay.',
    example: `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiIxIn0'}.c2lnbmF0dXJl`,
    detector: jwt,
  },
  {
    name: 'api_key',
    finds:
      'API keys and tokens with the prefix of a vendor: OpenAI, Anthropic, Alibaba Cloud and its Model Studio, AWS (id and secret), Google, GitHub, GitLab, Slack, Stripe, Hugging Face, Telegram, npm, SendGrid and others.',
    limits: 'Where names begin with the prefix too (`sk-`, `hf_`), what follows has to mix letters and digits.',
    example: `sk-${'0123456789abcdef'.repeat(2)}`,
    detector: apiKey,
  },
  {
    name: 'credential',
    finds:
      'The value of a name such as `password`, `api_key`, `client_secret` or `密码`, in an assignment or as a JSON key; of `token`, `key` or `secret` when it looks random; the token of an `Authorization` header; the password in a URL.',
    limits:
      'Stand-ins (`$NAME`, `<your key>`, `****`), types and code (`os.environ[…]`) stay. Behind a colon in prose, a value of letters alone stays.',
    example: 'password=correct-horse-7',
    detector: credential,
  },
  {
    name: 'identity_card',
    finds:
      'Resident identity-card numbers of mainland China: 18 characters with province, date of birth and check character.',
    limits: 'Those of 15 digits, without a check character, stay.',
    example: '11010519491231002X',
    detector: identityCard,
  },
  {
    name: 'bank_card',
    finds:
      'Bank card numbers of 13 to 19 digits, in one or in groups: prefix and length of a card scheme, Luhn check digit.',
    limits: 'One honest number in ten that begins and is as long as a card number passes for one.',
    example: '4111 1111 1111 1111',
    detector: bankCard,
  },
  {
    name: 'phone',
    finds:
      'Phone numbers: mobiles and landlines of mainland China, international ones with `+`, North American ones with brackets, hyphens or dots.',
    limits:
      'Within words and after a decimal point digits stay. An order number of eleven digits that begins as a mobile number passes for one.',
    example: '+86 138 0013 8000',
    detector: phone,
  },
  {
    name: 'email',
    finds: 'E-mail addresses, also percent-encoded, with full-width characters or with invisible ones in between.',
    limits: 'Addresses without a dot in the domain stay, and `git@host:`.',
    example: 'alice@example.com',
    detector: email,
  },
] as const satisfies readonly DetectorEntry[];

export type DetectorName = (typeof DETECTORS)[number]['name'];

export const DETECTOR_NAMES: readonly DetectorName[] = DETECTORS.map(({ name }) => name);

/** Under this name images and audio that were replaced are counted. */
export const MEDIA = 'media';
