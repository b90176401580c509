/** What the body of a key is made of. */
export type KeyAlphabet = 'word' | 'alphanumeric' | 'capitals' | 'base64';

/** How the keys of a vendor look: a prefix, and a body of one alphabet behind it. */
export interface VendorKey {
  readonly vendor: string;
  readonly prefix: string;
  readonly alphabet: KeyAlphabet;
  /** Fewest characters of the body. Somewhat fewer than are issued, so that a key that was cut off is found too. */
  readonly least: number;
  /** Exact length of the body, where a longer one is something else. */
  readonly exactly?: number;
  /** Whether names begin so too: then the body has to look random. */
  readonly ambiguous?: boolean;
}

export const VENDOR_KEYS: readonly VendorKey[] = [
  // OpenAI (sk-, sk-proj-, sk-svcacct-), Anthropic (sk-ant-), Alibaba Cloud Model Studio, DeepSeek, OpenRouter (sk-or-), Moonshot.
  { vendor: 'OpenAI, Anthropic, Model Studio', prefix: 'sk-', alphabet: 'word', least: 16, ambiguous: true },
  { vendor: 'Stripe', prefix: 'sk_live_', alphabet: 'alphanumeric', least: 12 },
  { vendor: 'Stripe', prefix: 'sk_test_', alphabet: 'alphanumeric', least: 12 },
  { vendor: 'Stripe', prefix: 'rk_live_', alphabet: 'alphanumeric', least: 12 },
  { vendor: 'Stripe', prefix: 'rk_test_', alphabet: 'alphanumeric', least: 12 },
  { vendor: 'Stripe', prefix: 'whsec_', alphabet: 'base64', least: 20 },
  { vendor: 'ElevenLabs', prefix: 'sk_', alphabet: 'alphanumeric', least: 32, ambiguous: true },
  { vendor: 'AWS', prefix: 'AKIA', alphabet: 'capitals', least: 16, exactly: 16 },
  { vendor: 'AWS', prefix: 'ASIA', alphabet: 'capitals', least: 16, exactly: 16 },
  { vendor: 'AWS Bedrock', prefix: 'ABSK', alphabet: 'base64', least: 40 },
  { vendor: 'Alibaba Cloud', prefix: 'LTAI', alphabet: 'alphanumeric', least: 12, ambiguous: true },
  { vendor: 'Tencent Cloud', prefix: 'AKID', alphabet: 'alphanumeric', least: 28, ambiguous: true },
  { vendor: 'Volcengine', prefix: 'AKLT', alphabet: 'alphanumeric', least: 28, ambiguous: true },
  { vendor: 'Baidu', prefix: 'bce-v3/ALTAK-', alphabet: 'base64', least: 20 },
  { vendor: 'GitHub', prefix: 'ghp_', alphabet: 'alphanumeric', least: 20, ambiguous: true },
  { vendor: 'GitHub', prefix: 'gho_', alphabet: 'alphanumeric', least: 20, ambiguous: true },
  { vendor: 'GitHub', prefix: 'ghu_', alphabet: 'alphanumeric', least: 20, ambiguous: true },
  { vendor: 'GitHub', prefix: 'ghs_', alphabet: 'alphanumeric', least: 20, ambiguous: true },
  { vendor: 'GitHub', prefix: 'ghr_', alphabet: 'alphanumeric', least: 20, ambiguous: true },
  { vendor: 'GitHub', prefix: 'github_pat_', alphabet: 'word', least: 16 },
  { vendor: 'GitLab', prefix: 'glpat-', alphabet: 'word', least: 12 },
  { vendor: 'GitLab', prefix: 'gldt-', alphabet: 'word', least: 12, ambiguous: true },
  { vendor: 'GitLab', prefix: 'glrt-', alphabet: 'word', least: 12, ambiguous: true },
  { vendor: 'Slack', prefix: 'xoxa-', alphabet: 'word', least: 10 },
  { vendor: 'Slack', prefix: 'xoxb-', alphabet: 'word', least: 10 },
  { vendor: 'Slack', prefix: 'xoxe-', alphabet: 'word', least: 10 },
  { vendor: 'Slack', prefix: 'xoxp-', alphabet: 'word', least: 10 },
  { vendor: 'Slack', prefix: 'xoxr-', alphabet: 'word', least: 10 },
  { vendor: 'Slack', prefix: 'xoxs-', alphabet: 'word', least: 10 },
  { vendor: 'Slack', prefix: 'xapp-', alphabet: 'word', least: 16, ambiguous: true },
  { vendor: 'Google', prefix: 'AIza', alphabet: 'word', least: 30, ambiguous: true },
  { vendor: 'Google', prefix: 'ya29.', alphabet: 'word', least: 20 },
  { vendor: 'Google', prefix: 'GOCSPX-', alphabet: 'word', least: 20 },
  { vendor: 'Hugging Face', prefix: 'hf_', alphabet: 'alphanumeric', least: 20, ambiguous: true },
  { vendor: 'npm', prefix: 'npm_', alphabet: 'alphanumeric', least: 20, ambiguous: true },
  { vendor: 'PyPI', prefix: 'pypi-', alphabet: 'word', least: 40, ambiguous: true },
  { vendor: 'SendGrid', prefix: 'SG.', alphabet: 'word', least: 16, ambiguous: true },
  { vendor: 'Groq', prefix: 'gsk_', alphabet: 'alphanumeric', least: 20, ambiguous: true },
  { vendor: 'xAI', prefix: 'xai-', alphabet: 'alphanumeric', least: 20, ambiguous: true },
  { vendor: 'Replicate', prefix: 'r8_', alphabet: 'alphanumeric', least: 20, ambiguous: true },
  { vendor: 'Perplexity', prefix: 'pplx-', alphabet: 'alphanumeric', least: 20, ambiguous: true },
  { vendor: 'NVIDIA', prefix: 'nvapi-', alphabet: 'word', least: 16 },
  { vendor: 'Fireworks', prefix: 'fw_', alphabet: 'alphanumeric', least: 16, ambiguous: true },
  { vendor: 'Tavily', prefix: 'tvly-', alphabet: 'word', least: 20, ambiguous: true },
  { vendor: 'Grafana', prefix: 'glsa_', alphabet: 'word', least: 20, ambiguous: true },
  { vendor: 'Grafana Cloud', prefix: 'glc_', alphabet: 'base64', least: 30, ambiguous: true },
  { vendor: 'DigitalOcean', prefix: 'dop_v1_', alphabet: 'alphanumeric', least: 32 },
  { vendor: 'Shopify', prefix: 'shpat_', alphabet: 'alphanumeric', least: 20 },
  { vendor: 'Notion', prefix: 'ntn_', alphabet: 'alphanumeric', least: 30, ambiguous: true },
  { vendor: 'Linear', prefix: 'lin_api_', alphabet: 'alphanumeric', least: 20 },
];
