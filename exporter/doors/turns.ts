const waiting: (() => void)[] = [];

/**
 * A turn of the event loop to oneself: of all bodies that are being taken in, one goes on in each turn.
 * With a `setImmediate` each they would all go on in the same turn, and with many senders that turn, which
 * keeps scrapes and commits waiting, would be as long as all of them together.
 */
export function ownTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(next);
  });
}

function next(): void {
  const resolve = waiting.shift();
  if (waiting.length > 0) setImmediate(next);
  resolve?.();
}
