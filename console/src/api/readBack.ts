import type { Schemas } from './client';

export type Event = Schemas['Event'];

interface Page extends Pick<Schemas['ChangeList'], 'items' | 'has_more'> {
  /** It begins with the oldest event that is kept. */
  oldest?: boolean;
}
export type Ask = (after: number, limit: number) => Promise<Page>;

/** A stretch of the feed, the newest event first. */
export interface Stretch {
  items: Event[];
  /** Where the stretch before it ends; null: nothing older is kept. */
  until: number | null;
  /** How many positions it took to find about a page: what the next look begins with. */
  span: number;
}

export const wanted = 50;
const pageLimit = 500;

/**
 * The events up to a position, the newest first. The feed is read forwards only, and a filter leaves few of many
 * positions: the look back goes as far as it has to, with a few requests.
 */
export async function readBack(ask: Ask, from: number, firstSpan = wanted): Promise<Stretch> {
  let until = from;
  let span = firstSpan;
  const items: Event[] = [];
  while (until > 0 && items.length < wanted) {
    const top = until;
    const after = Math.max(0, top - span);
    const page = await ask(after, pageLimit);
    const whole = !page.has_more || (page.items.at(-1)?.seq ?? 0) >= top;
    if (!whole && span > pageLimit) {
      span = Math.max(pageLimit, Math.floor(span / 4));
      continue;
    }
    items.push(...page.items.filter((event) => event.seq <= top).reverse());
    until = page.oldest === true ? 0 : after;
    if (items.length < wanted) span *= 4;
  }
  return { items, until: until > 0 ? until : null, span };
}
