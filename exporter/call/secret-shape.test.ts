import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksLikeSecret } from './secret-shape.js';

// Put together here so that no scanner takes this file for a leak.
const base62 = 'aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYzA1bC3dE5f';

const SECRETS: [what: string, value: string][] = [
  ['Model Studio', `sk-${'0123456789abcdef'.repeat(2)}`],
  ['OpenAI', `sk-proj-${base62}`],
  ['Anthropic', `sk-ant-api03-${base62}`],
  ['any sk-', 'sk-abc123'],
  ['with a space before', ` sk-${base62}`],
  ['behind a label', `key=sk-${base62}`],
  ['in quotes', `"sk-abc123"`],
  ['behind an address', `https://host/?key=AIza${base62}`],
  ['Google', `AIza${'SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY'}`],
  ['AWS', 'AKIAIOSFODNN7EXAMPLE'],
  ['GitHub', `ghp_${base62.slice(0, 36)}`],
  ['GitHub, fine-grained', 'github_pat_11ABCDEFG0'],
  ['Hugging Face', `hf_${base62.slice(0, 34)}`],
  ['Groq', `gsk_${base62}`],
  ['xAI', `xai-${base62}`],
  ['Replicate', `r8_${base62.slice(0, 37)}`],
  ['a JWT', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc`],
  ['a header', 'Bearer abcdef'],
  ['a header in another case', 'bearer abcdef'],
  ['a SHA-1 digest', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['a SHA-256 digest', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['a digest in capitals', 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709'],
  ['base62', base62],
  ['base64url', 'qX7-bV2_kLm9Zt4Rw8-Yc1Nf6Hj3_Dp5Gs0Ta-Ue'],
  ['base64', 'qX7/bV2+kLm9Zt4Rw8aYc1Nf6Hj3bDp5Gs0TaUe=='],
  ['base32', 'MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZPI'],
  ['a secret among words', `the search team uses ${base62}`],
  ['random behind a name', `search-${base62}`],
];

const NAMES: [what: string, value: string][] = [
  ['nothing', ''],
  ['a short name', 'search'],
  ['an id', '-1'],
  ['a key id', 'search-key-3'],
  ['a long name', 'production-mobile-application-team-key-number-17'],
  ['a long name with underscores', 'production_mobile_application_team_key_number_17'],
  ['a long name in camelCase', 'productionMobileApplicationTeamKeyNumber17ForSearch'],
  ['a long name with capitals', 'ProductionMobileApplicationTeam-EuropeWest1-Key'],
  ['a long name without separators', 'productionmobileapplicationteamkeynumberseventeen'],
  ['a long name of abbreviations', 'prod-us-east1-gke-cluster2-node3-gpu-a100-v2'],
  ['a long name with a date', 'billing-export-2026-11-24-nightly-run-for-finance'],
  ['a sentence', 'the key that the search team in Hangzhou uses for its nightly batch'],
  ['Chinese', '搜索团队生产环境密钥'.repeat(6)],
  ['Chinese with a version', `${'搜索团队生产环境密钥'.repeat(6)}v2`],
  ['dashes', '-'.repeat(60)],
  ['a UUID', '550e8400-e29b-41d4-a716-446655440000'],
  ['a UUID in capitals', '550E8400-E29B-41D4-A716-446655440000'],
  ['a UUID with a name', 'apikey-550e8400-e29b-41d4-a716-446655440000'],
  ['two UUIDs', '550e8400-e29b-41d4-a716-446655440000/6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
  ['sk- inside of a word', 'task-queue, desk-app, risk-model'],
  ['sk- alone', 'sk-'],
  ['a name that opens as a key could', 'hf_production'],
  ['another', 'xai-evaluation-team'],
  ['the bearer of good news', 'bearers'],
];

describe('looksLikeSecret', () => {
  it.each(SECRETS)('%s is a secret', (_, value) => {
    expect(looksLikeSecret(value)).toBe(true);
  });

  it.each(NAMES)('%s is no secret', (_, value) => {
    expect(looksLikeSecret(value)).toBe(false);
  });

  const random = (alphabet: string, length: number) =>
    fc
      .array(fc.constantFrom(...alphabet), { minLength: length, maxLength: length + 30 })
      .map((characters) => characters.join(''));

  it('takes every digest', () => {
    fc.assert(
      fc.property(random('0123456789abcdef', 40), (value) => looksLikeSecret(value)),
      { numRuns: 1000 },
    );
  });

  // Not every random string can be told from a name, but hardly one may pass.
  it.each([
    ['base62', '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 0.995],
    ['base64url', '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_', 0.995],
    ['base36', '0123456789abcdefghijklmnopqrstuvwxyz', 0.995],
    ['base32', '234567ABCDEFGHIJKLMNOPQRSTUVWXYZ', 0.97],
  ])('tells random %s', (_, alphabet, share) => {
    const samples = fc.sample(random(alphabet, 40), { numRuns: 5000, seed: 1 });
    expect(samples.filter(looksLikeSecret).length / samples.length).toBeGreaterThan(share);
  });

  it('takes names of words for names', () => {
    const word = fc.constantFrom(
      'search',
      'support',
      'mobile',
      'platform',
      'checkout',
      'recommendation',
      'finance',
      'staging',
      'europe',
      'translation',
    );
    const name = fc
      .tuple(fc.array(word, { minLength: 4, maxLength: 10 }), fc.constantFrom('-', '_', '.', '/', ' '), fc.nat(9999))
      .map(([words, separator, number]) => [...words, number].join(separator));
    const camel = fc
      .array(word, { minLength: 6, maxLength: 10 })
      .map((words) => words.map((each) => each[0]!.toUpperCase() + each.slice(1)).join(''));
    fc.assert(fc.property(fc.oneof(name, camel), (value) => !looksLikeSecret(value)));
  });

  // Quadratic time would be minutes here, beyond the runner's patience.
  it.each(['sk', 'eyJ', 'eyJ.', '-', 'hf_a ', '550e8400-', '550e8400-e29b-41d4-a716-', ' '])(
    'gets through a megabyte of %j',
    (piece) => {
      expect(looksLikeSecret(piece.repeat(Math.ceil(1_000_000 / piece.length)))).toBeTypeOf('boolean');
    },
  );
});
