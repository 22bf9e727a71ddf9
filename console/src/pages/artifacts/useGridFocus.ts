import { type FocusEvent, type RefObject, useEffect, useRef } from 'react';

import type { Cell } from './movement';

/** Gives the focus to the active cell, when that was asked for, once it is in the document. */
export function useGridFocus(grid: RefObject<HTMLElement | null>, active: Cell, bring: (row: number) => boolean) {
  const wanted = useRef(false);
  useEffect(() => {
    if (!wanted.current || !bring(active.row)) return;
    const cell = grid.current?.querySelector<HTMLElement>(`[data-cell="${active.row}:${active.column}"]`);
    wanted.current = !cell;
    // While its page is read the grid has the focus: keys go on to work.
    (cell ?? grid.current)?.focus({ preventScroll: true });
  });
  return {
    focusSoon: () => {
      wanted.current = true;
    },
    /** Whoever went elsewhere meanwhile is not called back. */
    forget: (event: FocusEvent) => {
      const { relatedTarget } = event;
      if (relatedTarget instanceof Node && !event.currentTarget.contains(relatedTarget)) wanted.current = false;
    },
  };
}
