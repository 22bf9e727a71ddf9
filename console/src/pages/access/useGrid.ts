import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useRef, useState } from 'react';

import { type Cell, moved } from './movement';

export const size = { row: 32, column: 32, head: 144, total: 40 };

/** How wide the part is that stays at the left: the person, and on wide screens the totals. */
export function fixedColumns() {
  const narrow = window.matchMedia('(max-width: 48rem)').matches;
  return narrow ? { person: 128, totals: 0 } : { person: 208, totals: 3 };
}
export type Fixed = ReturnType<typeof fixedColumns>;

/** Those in sight, and the one that has the focus: it must not vanish when somebody scrolls away. */
const keeping = (index: number) => (range: Range) => {
  const shown = defaultRangeExtractor(range);
  return index < 0 || index >= range.count || shown.includes(index) ? shown : [...shown, index].sort((a, b) => a - b);
};

interface GridProperties {
  people: number;
  repositories: number;
  fixed: Fixed;
  /** What Enter or a click does. */
  onEnter: (cell: Cell) => void;
}

/** A grid that is virtual in both directions, with one tab stop that the arrow keys move. */
export function useGrid({ people, repositories, fixed, onEnter }: GridProperties) {
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const [active, setActive] = useState<Cell>({ row: 0, column: 0 });
  const wanted = useRef(false);
  const left = fixed.person + fixed.totals * size.total;
  const firstRepository = 1 + fixed.totals;
  const rows = useVirtualizer({
    count: people,
    getScrollElement: () => box,
    estimateSize: () => size.row,
    overscan: 6,
    scrollPaddingStart: size.head,
    rangeExtractor: keeping(active.row - 1),
  });
  const columns = useVirtualizer({
    horizontal: true,
    count: repositories,
    getScrollElement: () => box,
    estimateSize: () => size.column,
    overscan: 6,
    scrollPaddingStart: left,
    rangeExtractor: keeping(active.column - firstRepository),
  });
  const focus = useCallback(
    (cell: Cell) => {
      wanted.current = true;
      setActive({ ...cell });
      if (cell.row > 0) rows.scrollToIndex(cell.row - 1);
      if (cell.column >= firstRepository) columns.scrollToIndex(cell.column - firstRepository);
    },
    [rows, columns, firstRepository],
  );
  useEffect(() => {
    if (!wanted.current) return;
    const cell = box?.querySelector<HTMLElement>(`[data-cell="${active.row} ${active.column}"]`);
    if (!cell) return;
    wanted.current = false;
    cell.focus({ preventScroll: true });
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(((box?.clientHeight ?? 0) - size.head) / size.row));
    const extent = { rows: people + 1, columns: firstRepository + repositories, page };
    const next = moved(active, `${event.ctrlKey || event.metaKey ? 'Control+' : ''}${event.key}`, extent);
    if (next === null && event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    if (next === null) onEnter(active);
    else focus(next);
  };
  const onClick = (event: MouseEvent) => {
    const clicked = (event.target as Element).closest<HTMLElement>('[data-cell]')?.dataset.cell?.split(' ').map(Number);
    if (clicked === undefined) return;
    const cell = { row: clicked[0] ?? 0, column: clicked[1] ?? 0 };
    focus(cell);
    onEnter(cell);
  };
  return { setBox, active, rows, columns, left, firstRepository, onKeyDown, onClick };
}
