import { parser } from '@grafana/lezer-logql';

/** What Grafana's parser could make nothing of: the text at each of its error nodes. Empty where all is LogQL. */
export function mistakesIn(query: string): string[] {
  const mistakes: string[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) mistakes.push(`${from}: ${query.slice(from, to + 10)}`);
    },
  });
  return mistakes;
}
