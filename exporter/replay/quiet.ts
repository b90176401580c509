/**
 * Hands chunks on, and `null` once each time that nothing came for a while: the moment to send what has been
 * gathered, so that records from a pipe that stays open do not wait for a full batch.
 */
export async function* withPauses<Chunk>(chunks: AsyncIterable<Chunk>, pauseMs: number): AsyncGenerator<Chunk | null> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    while (true) {
      const next = iterator.next();
      if (await isLate(next, pauseMs)) yield null;
      const { done, value } = await next;
      if (done) return;
      yield value;
    }
  } finally {
    // Not awaited: a read that waits for a terminal or a pipe would hold up the end.
    iterator.return?.()?.catch(() => {});
  }
}

/** Whether a promise is still pending after so long; its own rejection is left to whoever awaits it. */
function isLate(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms, true);
    const settled = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    promise.then(settled, settled);
  });
}
