/**
 * What the projection cuts content by, in bytes. The numbers belong together with the limits in `loki/loki.yml`: a part
 * and what stands around it must fit into one line, and a batch into what Loki takes at once.
 */

/** The longest piece of content in one entry; longer content goes to several. */
export const PART_BYTES = 200 * 1024;

/** How much of content in several parts its first entry shows. */
export const PREVIEW_BYTES = 32 * 1024;

/** What one push holds at most, lines and metadata together, before compression. */
export const BATCH_BYTES = 1024 * 1024;
