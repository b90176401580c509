const pieces = (text: string): string[] => text.match(/[\s\S]{1,4}/g) ?? [];

/** Everywhere where a call record may hold a secret, but for the fields that name things. */
export function placesOf(secret: string): Record<string, unknown>[] {
  const told = `it is ${secret} , do not tell`;
  const nested = JSON.stringify({ args: JSON.stringify({ note: told }) });
  const chunk = (delta: object): object => ({ object: 'chat.completion.chunk', choices: [{ index: 0, delta }] });
  return [
    { request: { messages: [{ role: 'user', content: told }] } },
    { request: { messages: [{ role: 'user', content: [{ type: 'text', text: told }] }] } },
    { request: { body: nested } },
    { response: JSON.stringify({ output: nested }) },
    {
      response: {
        choices: [
          { message: { tool_calls: [{ function: { name: 'f', arguments: JSON.stringify({ note: told }) } }] } },
        ],
      },
    },
    { response: pieces(told).map((content) => chunk({ content })) },
    {
      response: pieces(JSON.stringify({ note: told })).map((text) =>
        chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] }),
      ),
    },
    {
      response: pieces(told)
        .map((content) => `data: ${JSON.stringify(chunk({ content }))}\n\n`)
        .join(''),
    },
    { response: { [told]: 1 } },
    { status_code: 500, error_message: told },
    { status_code: 500, error_message: nested },
    ...(told.length <= 256 ? [{ user: told }, { application: told }, { trace_id: told }] : []),
    ...(told.length <= 128 ? [{ tags: ['a', told] }] : []),
    { request: null, unknown_field: told },
  ];
}

/** The secret as it may stand in JSON within JSON within JSON. */
export function spellings(secret: string): string[] {
  const inner = (text: string): string => JSON.stringify(text).slice(1, -1);
  return [...new Set([secret, inner(secret), inner(inner(secret)), inner(inner(inner(secret)))])];
}
