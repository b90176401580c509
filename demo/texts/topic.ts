export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * What the user says and what the model answers, turn by turn. `{order}` stands for a value that one conversation keeps,
 * `{Hi|Hello}` for any of the texts.
 */
export type Scenario = readonly (readonly [user: string, reply: string])[];

/** What an application of a workspace talks about. */
export interface Topic {
  readonly system: Readonly<Record<Language, string>>;
  readonly scenarios: Readonly<Record<Language, readonly Scenario[]>>;
  /** Sentences that some answers end with: models differ in how much they say. */
  readonly closings: Readonly<Record<Language, readonly string[]>>;
  /** What the gateway left out of the record, with its tokens. */
  readonly leftOut: Readonly<Record<Language, (tokens: string) => string>>;
}
