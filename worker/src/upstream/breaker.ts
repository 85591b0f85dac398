/** Passes over a backend that has failed several times in a row. Each isolate learns that by itself. */

/** So many failures in a row are believed. */
const FAILURES = 3;
/** How long a backend is then left alone, in milliseconds, before one request tries it again. */
const PAUSE = 10_000;

interface History {
  failures: number;
  /** When it may be tried again, in milliseconds since the epoch. */
  next: number;
}

/** What is known of the backends, by their addresses. */
export class Breaker {
  readonly #histories = new Map<string, History>();

  constructor(readonly pause = PAUSE) {}

  /**
   * Whether a backend may be asked now. After a pause one request at a time tries it, and only one that could be
   * sent to a container afterwards.
   */
  lets(address: string, isRepeatable: boolean): boolean {
    const history = this.#histories.get(address);
    if (!history || history.failures < FAILURES) return true;
    if (!isRepeatable || Date.now() < history.next) return false;
    history.next = Date.now() + this.pause;
    return true;
  }

  /** Notes an answer. */
  answered(address: string): void {
    this.#histories.delete(address);
  }

  /** Notes a failure. */
  failed(address: string): void {
    const failures = (this.#histories.get(address)?.failures ?? 0) + 1;
    this.#histories.set(address, { failures, next: Date.now() + this.pause });
  }
}
