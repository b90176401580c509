import { PanelBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text';
import type { PanelFrame } from './panel-frame.js';

/** A few words, in Markdown. */
export function text({ content, ...frame }: Omit<PanelFrame, 'unit'> & { readonly content: string }): PanelBuilder {
  return new PanelBuilder()
    .title(frame.title)
    .description(frame.description)
    .span(frame.width)
    .height(frame.height)
    .mode(TextMode.Markdown)
    .content(content);
}
