import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useState } from 'react';

import type { Pages } from './pages';

// Browsers end an element at some 17 million pixels (Firefox): of a longer list only so many rows are laid out at once,
// and the rest moves in while one scrolls.
const laidOut = 200_000;
const edge = 200;
const tail = 20;

/** Rows of two and a half times the text's size: they grow with it. */
const rowHeight = () => 2.5 * parseFloat(getComputedStyle(document.documentElement).fontSize);

interface Asked<Row> {
  pages: Pages<Row>;
  scroller: RefObject<HTMLElement | null>;
  /** A row that stays in the document though it may be out of sight: the one that has the focus. */
  held: number;
}

/** Which rows of a list of any length are in the document, and where. */
export function useRows<Row>({ pages, scroller, held }: Asked<Row>) {
  const [height] = useState(rowHeight);
  const [base, setBase] = useState(0);
  const rows = pages.known + (pages.ended || pages.error !== undefined ? 0 : tail);
  const count = Math.min(laidOut, rows - base);

  const shift = (by: number, offset: number) => {
    setBase(base + by);
    if (scroller.current) scroller.current.scrollTop = offset - by * height;
  };
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoized by a compiler
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    // The head sticks above the rows.
    scrollPaddingEnd: height,
    rangeExtractor: (range: Range) => {
      const shown = defaultRangeExtractor(range);
      const row = held - base;
      return row >= 0 && row < count && !shown.includes(row) ? [row, ...shown].sort((a, b) => a - b) : shown;
    },
    onChange: ({ range, scrollOffset }) => {
      if (range === null || scrollOffset === null) return;
      const step = laidOut / 2;
      if (range.endIndex > count - edge && base + count < rows) shift(step, scrollOffset);
      else if (range.startIndex < edge && base > 0) shift(-Math.min(step, base), scrollOffset);
    },
  });
  const first = base + (virtualizer.range?.startIndex ?? 0);
  const last = base + (virtualizer.range?.endIndex ?? 0);
  useEffect(() => pages.show(first, last), [pages, first, last]);
  /** Brings a row into view, wherever in the list it is; false: it is laid out with the next render. */
  const bring = (row: number): boolean => {
    if (row >= base && row < base + count) {
      virtualizer.scrollToIndex(row - base);
      return true;
    }
    setBase(Math.max(0, row - laidOut / 2));
    return false;
  };
  return { virtualizer, base, bring, height, first, last, page: Math.max(1, last - first - 1) };
}
