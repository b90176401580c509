/** Times in ms, all by one clock. */
export interface TimedScrape {
  began: number;
  ended: number;
  /** Of the body, as received. */
  bytes: number;
}

/** What the paced load prints. */
export interface PacedResult {
  /** When each request was due, and when its answer was there. */
  requests: { due: number; answered: number }[];
  scrapes: TimedScrape[];
}
