import { DETECTORS, type DetectorEntry, MEDIA } from './catalogue.js';
import { LONGEST_MATCH, MAX_PATTERN_INSTRUCTIONS, MAX_PATTERN_LENGTH, MAX_PATTERNS } from './patterns.js';
import { WITHHELD_REASONS } from './work.js';

/** Without examples: a page with keys in it, though made up, is a leak to every scanner. */
const INTRODUCTION = `# Redaction

<!-- Generated from exporter/redaction/catalogue.ts by scripts/generate-reference.mjs. Do not edit. -->

What is masked of requests, responses, error messages, users, applications, trace ids and tags before anything is written.
It is done once, as a record arrives: the disk of the exporter, Loki and the dead letters have masked texts alone.
[The guide to logs](../guides/logs.md#what-is-masked) says where it is on.

Texts are searched wherever they are: in keys, in JSON within strings, over the pieces of a streamed response, with
invisible or full-width characters in between. Detectors that are not named in \`redaction.detectors\` mask.

| action | what stands there then |
| --- | --- |
| \`mask\` | the detector's name: \`[email]\` |
| \`hash\` | with 12 digits of a keyed hash, the same for the same value: \`[email:3fa9c2d1b07e]\`. The key is in the data directory |
| \`drop\` | the whole string is gone: \`[dropped:email]\` |
| \`off\` | nothing is looked for |

How often each has found something stands in the log line (\`redacted\`) and in \`model_observation_redactions_total\`.
`;

const REST = `## \`${MEDIA}\`

Images, audio and other files in base64, as data URLs or in the fields that providers have for them. No detector: \`redaction.keep_media\` turns it off.

In their place stand type, size in bytes and the beginning of their SHA-256: \`data:image/png;size=48213;sha256=9f86d081884c7d65\`.

## Patterns of your own

\`redaction.patterns\`, each with a \`name\`, a \`pattern\` in the syntax of [RE2](https://github.com/google/re2/wiki/Syntax) and an \`action\`
(\`mask\`, \`hash\` or \`drop\`). Matching takes linear time whatever the text is, so there are no backreferences and no lookaround.

- At most ${MAX_PATTERNS} of them, each of up to ${MAX_PATTERN_LENGTH} characters and ${MAX_PATTERN_INSTRUCTIONS} instructions.
- A match of more than ${LONGEST_MATCH} characters may be found in part.
- One that matches the empty text is refused.

## What is withheld

Content that cannot be masked for certain is not kept at all. The audit log has the call, and \`withheld\` in its line says why:

${Object.values(WITHHELD_REASONS)
  .map((reason) => `- ${reason}`)
  .join('\n')}

No clock decides: the same content is withheld on every machine, or on none. \`model_observation_contents_withheld_total\` counts.
`;

/** The reference page of what is masked, in Markdown, from the catalogue. */
export function redactionReference(): string {
  return [INTRODUCTION, ...DETECTORS.map(describeDetector), REST].join('\n');
}

function describeDetector({ name, finds, limits }: DetectorEntry): string {
  return `## \`${name}\`\n\n${finds}\n\n${limits}\n`;
}
