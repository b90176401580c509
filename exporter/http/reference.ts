import { PROBLEM_TYPE_PREFIX, PROBLEMS, type ProblemKind, RETRY_AFTER_SECONDS } from './problems.js';

const INTRODUCTION = `# Problems

<!-- Generated from exporter/http/problems.ts by scripts/generate-reference.mjs. Do not edit. -->

Every error is answered as problem details (RFC 9457): a JSON object of the type \`application/problem+json\`.

    {
      "type": "${PROBLEM_TYPE_PREFIX}body-too-large",
      "title": "The body is too large",
      "status": 413,
      "detail": "The body is larger than limits.body_bytes (33554432 bytes). Nothing of it was taken."
    }

\`type\` names the problem and never changes; it is a name, not an address. \`detail\` is written for people and says what is
wrong with this one request.

- A 4xx will be answered the same way again: mend the request. 408 is the exception.
- A 503 carries \`Retry-After\`, ${RETRY_AFTER_SECONDS} unless more is known. Send the same request again, with the same ids or the same \`Idempotency-Key\`: what was
  written after all is acknowledged and not counted twice.
- A 401 carries \`WWW-Authenticate: Bearer\`, a 405 carries \`Allow\`.

A request with some good records is no error: it is answered 202, and \`rejected\` lists the bad ones.
`;

/** The reference page of everything the service answers with but success, in Markdown, from the catalogue. */
export function problemsReference(): string {
  const problems = Object.entries<ProblemKind>(PROBLEMS).toSorted(([, a], [, b]) => a.status - b.status);
  return [INTRODUCTION, ...problems.map(([name, problem]) => describeProblem(name, problem))].join('\n');
}

function describeProblem(name: string, { status, title, help }: ProblemKind): string {
  return `## \`${name}\`\n\n**${status}.** ${title}. ${help}\n`;
}
