interface Page<Row> {
  rows: Row[];
  next: string | undefined;
  asOf: number;
}

/** Where a page begins: the number of its first row, and the cursor that leads to it. */
interface Place {
  start: number;
  cursor: string | undefined;
}

type Load<Row> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Row>>;

/** Pages beyond what is shown that are read ahead, and pages that are kept at most. */
const ahead = 1;
const kept = 8;

/**
 * A long list that is read page by page, of which only the pages around what is shown are kept; of the others only the
 * cursors are, so that going back asks for them again. Every change tells the listeners.
 */
export class Pages<Row> {
  private readonly places: Place[] = [{ start: 0, cursor: undefined }];
  private readonly pages = new Map<number, Row[]>();
  private readonly loading = new Map<number, AbortController>();
  private readonly listeners = new Set<() => void>();
  private shown: [first: number, last: number] = [0, 0];
  private version = 0;
  /** Rows up to where the list was read; all of them when `ended`. */
  known = 0;
  ended = false;
  /** Feed position of the first page; undefined while it loads. */
  asOf: number | undefined;
  /** Why a page could not be read; nothing further is asked for until `retry`. */
  error: unknown = undefined;

  constructor(private readonly load: Load<Row>) {}

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.stop();
    };
  };
  readonly getVersion = () => this.version;

  /** A row; undefined while its page is not here. */
  at(index: number): Row | undefined {
    const number = this.pageOf(index);
    const start = this.places[number]?.start;
    return start === undefined ? undefined : this.pages.get(number)?.[index - start];
  }

  /** Says what is shown: pages around it are read, others are forgotten. */
  show(first: number, last: number) {
    this.shown = [this.pageOf(first), this.pageOf(last)];
    this.settle();
  }

  retry() {
    this.error = undefined;
    this.settle();
    this.tell();
  }

  get pagesKept() {
    return this.pages.size;
  }

  private stop() {
    for (const asked of this.loading.values()) asked.abort();
    this.loading.clear();
  }

  private settle() {
    const [first, last] = this.shown;
    const from = Math.max(0, first - ahead);
    const to = Math.min(this.places.length - 1, last + ahead);
    for (const [number, asked] of this.loading) if (number < from || number > to) this.abandon(number, asked);
    if (this.error !== undefined) return;
    for (let number = from; number <= to; number += 1) {
      if (!this.pages.has(number) && !this.loading.has(number)) void this.read(number);
    }
  }

  private abandon(number: number, asked: AbortController) {
    asked.abort();
    this.loading.delete(number);
  }

  private async read(number: number) {
    const place = this.places[number];
    if (place === undefined) return;
    const asked = new AbortController();
    this.loading.set(number, asked);
    try {
      const page = await this.load(place.cursor, asked.signal);
      if (!asked.signal.aborted) this.keep(number, page);
    } catch (error) {
      if (!asked.signal.aborted) this.error = error;
    }
    if (asked.signal.aborted) return;
    this.loading.delete(number);
    this.settle();
    this.tell();
  }

  private keep(number: number, page: Page<Row>) {
    this.pages.set(number, page.rows);
    this.asOf ??= page.asOf;
    if (number === this.places.length - 1) {
      this.known += page.rows.length;
      this.ended = page.next === undefined;
      if (!this.ended) this.places.push({ start: this.known, cursor: page.next });
    }
    this.forget();
  }

  private forget() {
    const [first, last] = this.shown;
    const distance = (number: number) => Math.max(first - number, number - last);
    const far = [...this.pages.keys()].sort((a, b) => distance(b) - distance(a));
    for (const number of far.slice(0, Math.max(0, far.length - kept))) this.pages.delete(number);
  }

  private tell() {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }

  /** The page that holds a row: the last one that begins at or before it. */
  private pageOf(index: number): number {
    let low = 0;
    let high = this.places.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.places[middle]?.start ?? Infinity) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
