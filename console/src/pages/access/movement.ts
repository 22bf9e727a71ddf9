/** A cell of the grid: row 0 is the head, column 0 the person. */
export interface Cell {
  row: number;
  column: number;
}

/** Rows and columns of the grid with its head, and how many rows are seen at once. */
export interface Extent {
  rows: number;
  columns: number;
  page: number;
}

type Step = (cell: Cell, extent: Extent) => Cell;

const steps: Partial<Record<string, Step>> = {
  ArrowUp: ({ row, column }) => ({ row: row - 1, column }),
  ArrowDown: ({ row, column }) => ({ row: row + 1, column }),
  ArrowLeft: ({ row, column }) => ({ row, column: column - 1 }),
  ArrowRight: ({ row, column }) => ({ row, column: column + 1 }),
  PageUp: ({ row, column }, { page }) => ({ row: row - page, column }),
  PageDown: ({ row, column }, { page }) => ({ row: row + page, column }),
  Home: ({ row }) => ({ row, column: 0 }),
  End: ({ row }, { columns }) => ({ row, column: columns - 1 }),
  'Control+Home': () => ({ row: 0, column: 0 }),
  'Control+End': (_cell, { rows, columns }) => ({ row: rows - 1, column: columns - 1 }),
};

const within = (value: number, count: number) => Math.max(0, Math.min(value, count - 1));

/** Where a key leads, within the grid; null: it is none that moves. */
export function moved(cell: Cell, key: string, extent: Extent): Cell | null {
  const next = steps[key]?.(cell, extent);
  if (next === undefined) return null;
  return { row: within(next.row, extent.rows), column: within(next.column, extent.columns) };
}
