/** A cell of the grid: the row's number in the whole list, the column's place. */
export interface Cell {
  row: number;
  column: number;
}

interface Extent {
  rows: number;
  columns: number;
  /** Rows that are seen at once. */
  page: number;
}

type Move = (cell: Cell, extent: Extent) => Cell;
const down =
  (by: (extent: Extent) => number): Move =>
  (cell, extent) => ({ ...cell, row: cell.row + by(extent) });

const moves: Record<string, Move> = {
  ArrowDown: down(() => 1),
  ArrowUp: down(() => -1),
  PageDown: down((extent) => extent.page),
  PageUp: down((extent) => -extent.page),
  ArrowRight: (cell) => ({ ...cell, column: cell.column + 1 }),
  ArrowLeft: (cell) => ({ ...cell, column: cell.column - 1 }),
  Home: (cell) => ({ ...cell, column: 0 }),
  End: (cell, extent) => ({ ...cell, column: extent.columns - 1 }),
  'Control+Home': () => ({ row: 0, column: 0 }),
  'Control+End': (_cell, extent) => ({ row: extent.rows - 1, column: extent.columns - 1 }),
};

const within = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));

/** Where a key leads in a grid, as the ARIA pattern of grids has it; null for keys that lead nowhere. */
export function moved(key: string, control: boolean, cell: Cell, extent: Extent): Cell | null {
  const move = moves[control ? `Control+${key}` : key];
  if (move === undefined) return null;
  const next = move(cell, extent);
  return { row: within(next.row, extent.rows), column: within(next.column, extent.columns) };
}
