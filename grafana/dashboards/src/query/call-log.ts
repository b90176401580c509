/*
 * The logs of calls in Loki. What makes a search cheap comes first: labels of streams, then structured metadata, then text.
 * JSON is parsed last, of the lines that are shown and of no others.
 */
import type { Call, Failure, Outcome } from '../../../../exporter/call/call.js';

/** What the dashboard's variables choose. `$log` is one log or several, as an alternative. */
export interface CallLogOptions {
  /** Instead of `$log`. */
  readonly log?: string;
  /** Instead of `$outcome`. */
  readonly outcome?: Outcome;
}

export const OUTCOMES = ['success', 'failure', 'cancelled'] as const satisfies readonly Outcome[];

export const FAILURES = [
  'content_moderation',
  'rate_limited',
  'timeout',
  'client_error',
  'server_error',
] as const satisfies readonly Failure[];

export const INFERENCE_TYPES = ['realtime', 'batch'] as const satisfies readonly Call['inferenceType'][];

/** Entries of the chosen calls, unparsed. */
export function chosenCalls({ log = '$log', outcome }: CallLogOptions = {}): string {
  const stream = [
    'service_name="model-observation"',
    `log=~"${log}"`,
    'workspace_id=~"$workspace"',
    'model=~"$model"',
    outcome === undefined ? 'outcome=~"$outcome"' : `outcome="${outcome}"`,
  ];
  const metadata = [
    'apikey_id=~"$apikey"',
    'inference_type=~"$inference_type"',
    'failure=~"$failure"',
    'status_code=~"$status_code"',
    'error_code=~"$error_code"',
    // Its beginning is enough; empty is every call.
    `call_id=~\`\${call_id:regex}.*\``,
  ];
  return [`{${stream.join(', ')}}`, ...metadata.map((filter) => `| ${filter}`), `|~ \`(?i)\${text:regex}\``].join(' ');
}

/** All entries of the one call whose id is chosen, as they are; of no call where none is. */
export function oneCall(): string {
  const stream =
    '{service_name="model-observation", log=~"audit|inference", workspace_id=~"$workspace", model=~"$model"}';
  return `${stream} | call_id=\`$call_id\` | call_id!=""`;
}

/** What the line of a call has beside its metadata; shown when an entry is opened. */
const DETAILS = [
  'time',
  'user',
  'error_message',
  'usage',
  'cost',
  'tags',
  'withheld',
  'redacted',
  'preview',
  'request',
  'response',
];

/** How much of prompt and answer a line shows, in characters. */
const SHOWN = 110;

/**
 * The entries with a line that can be read. Opened, an entry shows request and response whole, or the preview of those that are in
 * parts.
 */
export function readable(entries: string): string {
  const line = [
    '{{ printf "%-22s" .model }}',
    `{{ printf "%-9s" .outcome }}`,
    '{{ .status_code }}',
    '{{ if .duration_ms }}{{ printf "%7.2f s" (divf .duration_ms 1000) }}{{ else }}        –{{ end }}',
    '{{ printf "%6s" .input_tokens }}{{ if .output_tokens }} →{{ else }}  {{ end }}{{ printf "%6s" .output_tokens }}',
    '{{ .error_code }}',
    '{{ if .withheld }}content withheld: {{ .withheld }}{{ end }}',
    `{{ if or .request .preview }}▸ ${lastText('(or .request .preview)')}{{ end }}`,
    `{{ if ${HAS_TEXT} }}◂ ${lastText('.response')}{{ end }}`,
    '{{ if .error_message }}{{ .error_message }}{{ end }}',
  ];
  return [
    entries,
    `| json ${DETAILS.map((name) => `${name}="${name}"`).join(', ')}`,
    `| label_format level=\`${LEVEL_OF_OUTCOME}\``,
    `| line_format \`${line.join('  ')}\``,
  ].join(' ');
}

/** Vectors and pictures are no answer that a line could show. */
const HAS_TEXT = String.raw`and (ne .outcome "failure") (or (contains "\"content\":" .response) (contains "\"text\":" .response))`;

/** Grafana colours lines by it. */
const LEVEL_OF_OUTCOME =
  '{{ if eq .outcome "failure" }}error{{ else if eq .outcome "cancelled" }}warning{{ else }}info{{ end }}';

/**
 * The start of the last text in a request or response: what was asked last, what was answered, in any of the shapes that providers
 * have. JSON without such a text is shown as it is.
 */
function lastText(json: string): string {
  // In a string of a template within LogQL's backticks: only quotation marks may have a backslash.
  const tillLast = String.raw`^.*\"(?:content|text|prompt|input)\":[[]?\"`;
  const afterIt = String.raw`\"[],}].*$`;
  return `{{ regexReplaceAll "${afterIt}" (regexReplaceAll "${tillLast}" ${json} "") "" | trunc ${SHOWN} }}`;
}

/** How many entries there were, by one of their labels. */
export function countOfCalls(entries: string, by: readonly string[], range: '$__auto' | '$__range'): string {
  return `sum by (${by.join(', ')}) (count_over_time(${entries} [${range}]))`;
}
