/** When a record is to be sent, and what time it is to carry. */
export interface Moment {
  /** ms since the epoch; null = at once. */
  due: number | null;
  /** ms since the epoch; null = the time that the record has. */
  time: number | null;
}

/** What becomes of the records' own times. */
export interface Timeline {
  /** @param time the record's own, ms since the epoch */
  moment(time: number): Moment;
}

/** Every time is moved by the same amount. */
export function shifted(byMs: number): Timeline {
  return { moment: (time) => ({ due: null, time: Math.round(time + byMs) }) };
}

/**
 * Records go out with the gaps that their times have, divided by `speed`; the first is due now. One that is older
 * than the first is due at once.
 * @param rebase also gives each record the moment at which it is due as its time. Gaps shrink with the speed, so that
 *   no record is ever ahead of the clock
 */
export function paced(speed: number, rebase: boolean, now: () => number): Timeline {
  let first: { time: number; at: number } | null = null;
  return {
    moment(time) {
      first ??= { time, at: now() };
      const due = first.at + (time - first.time) / speed;
      return { due, time: rebase ? Math.round(due) : null };
    },
  };
}
