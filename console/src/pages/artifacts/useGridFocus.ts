import { type RefObject, useEffect, useRef } from 'react';

import type { Cell } from './movement';

/** Gives the focus to the active cell once it is in the document, when that was asked for. */
export function useGridFocus(grid: RefObject<HTMLElement | null>, active: Cell, bring: (row: number) => boolean) {
  const wanted = useRef(false);
  useEffect(() => {
    if (!wanted.current || !bring(active.row)) return;
    wanted.current = false;
    const cell = grid.current?.querySelector<HTMLElement>(`[data-cell="${active.row}:${active.column}"]`);
    cell?.focus({ preventScroll: true });
  });
  return () => {
    wanted.current = true;
  };
}
