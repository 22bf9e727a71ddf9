import { expect, test } from 'vitest';

import { type Event, readBack } from './readBack';

/** A feed with events at these positions; it counts how often it is asked. */
function feed(...seqs: number[]) {
  const asked: number[] = [];
  const ask = (after: number, limit: number) => {
    asked.push(after);
    const behind = seqs.filter((seq) => seq > after);
    const items = behind.slice(0, limit).map((seq) => ({ seq }) as Event);
    return Promise.resolve({ items, has_more: behind.length > limit });
  };
  return { ask, asked };
}
const upTo = (count: number) => Array.from({ length: count }, (_none, index) => index + 1);
const seqsOf = (stretch: { items: Event[] }) => stretch.items.map((event) => event.seq);

async function readAll(seqs: number[], end: number) {
  const { ask } = feed(...seqs);
  const all: number[] = [];
  let place: { until: number | null; span: number | undefined } = { until: end, span: undefined };
  while (place.until !== null) {
    const stretch = await readBack(ask, place.until, place.span);
    all.push(...seqsOf(stretch));
    place = stretch;
  }
  return all;
}

test('the newest come first, none twice, none left out', async () => {
  expect(await readAll(upTo(1_234), 1_234)).toEqual(upTo(1_234).reverse());
});

test('holes and dense stretches beside each other', async () => {
  const seqs = [3, ...upTo(900).map((each) => each + 50_000), 120_000, 120_001];
  expect(await readAll(seqs, 120_001)).toEqual([...seqs].reverse());
});

test('a few events far back are found with few requests', async () => {
  const { ask, asked } = feed(7, 9);
  expect(seqsOf(await readBack(ask, 1_000_000))).toEqual([9, 7]);
  expect(asked.length).toBeLessThan(12);
});

test('what came after the end is not in it', async () => {
  const { ask } = feed(1, 2, 3);
  expect(await readBack(ask, 2)).toEqual({ items: [{ seq: 2 }, { seq: 1 }], until: null, span: 200 });
});

test('an empty feed', async () => {
  const { ask, asked } = feed();
  expect(await readBack(ask, 0)).toEqual({ items: [], until: null, span: 50 });
  expect(asked).toEqual([]);
});

test('where older events are no longer kept, the look back ends', async () => {
  const { ask, asked } = feed(900, 910);
  const kept = async (after: number, limit: number) =>
    after < 850 ? { ...(await ask(0, limit)), oldest: true } : ask(after, limit);
  expect(await readBack(kept, 1_000)).toMatchObject({ items: [{ seq: 910 }, { seq: 900 }], until: null });
  expect(asked).toEqual([950, 0]);
});
