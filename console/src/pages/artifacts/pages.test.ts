import { describe, expect, it } from 'vitest';

import { Pages } from './pages';

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A list of `total` numbers, ten on a page; `asked` has the cursors that were asked for. */
function listOf(total: number) {
  const asked: number[] = [];
  const state = { failing: false };
  const pages = new Pages<number>((cursor) => {
    const start = Number(cursor ?? 0);
    asked.push(start);
    if (state.failing) return Promise.reject(new Error('away'));
    const rows = Array.from({ length: Math.min(10, total - start) }, (_, index) => start + index);
    return Promise.resolve({ rows, next: start + 10 < total ? String(start + 10) : undefined, asOf: 7 });
  });
  return { pages, asked, state };
}

async function goTo(pages: Pages<number>, index: number) {
  do {
    pages.show(Math.min(index, pages.known), Math.min(index + 5, pages.known));
    await settle();
  } while (pages.known <= index && !pages.ended);
  pages.show(index, index + 5);
  await settle();
}

describe('a list in pages', () => {
  it('reads one page ahead of what is shown, and no more', async () => {
    const { pages, asked } = listOf(100);
    pages.show(0, 5);
    await settle();
    expect(pages.at(3)).toBe(3);
    expect(asked).toEqual([0, 10]);
    expect(pages.ended).toBe(false);
    expect(pages.asOf).toBe(7);
  });
  it('ends with a page that is not full', async () => {
    const { pages } = listOf(14);
    pages.show(0, 5);
    await settle();
    expect([pages.known, pages.ended, pages.at(13), pages.at(14)]).toEqual([14, true, 13, undefined]);
  });
  it('knows of an empty list', async () => {
    const { pages } = listOf(0);
    pages.show(0, 5);
    await settle();
    expect([pages.known, pages.ended]).toEqual([0, true]);
  });
  it('keeps few pages however far it goes, and asks again on the way back', async () => {
    const { pages, asked } = listOf(5_000);
    await goTo(pages, 4_000);
    expect(pages.at(4_000)).toBe(4_000);
    expect(pages.pagesKept).toBeLessThanOrEqual(8);
    expect(pages.at(0)).toBeUndefined();
    asked.length = 0;
    await goTo(pages, 0);
    expect(pages.at(0)).toBe(0);
    expect(asked).toEqual([0, 10]);
  });
  it('stops at an error until it is told to try again', async () => {
    const { pages, asked, state } = listOf(50);
    state.failing = true;
    pages.show(0, 5);
    await settle();
    expect(pages.error).toBeInstanceOf(Error);
    pages.show(0, 6);
    expect(asked).toEqual([0]);
    state.failing = false;
    pages.retry();
    await settle();
    expect([pages.error, pages.at(0)]).toEqual([undefined, 0]);
  });
});
