import { expect, it } from 'vitest';

import { moved } from './movement';

const extent = { rows: 100, columns: 4, page: 10 };
const press = (key: string, row: number, column: number, control = false) =>
  moved(key, control, { row, column }, extent);

it('moves by arrows, pages and to the ends of a row', () => {
  expect(press('ArrowDown', 3, 1)).toEqual({ row: 4, column: 1 });
  expect(press('PageUp', 33, 1)).toEqual({ row: 23, column: 1 });
  expect(press('End', 3, 1)).toEqual({ row: 3, column: 3 });
  expect(press('Home', 3, 2, true)).toEqual({ row: 0, column: 0 });
});
it('stays within the grid', () => {
  expect(press('ArrowUp', 0, 0)).toEqual({ row: 0, column: 0 });
  expect(press('PageDown', 95, 0)).toEqual({ row: 99, column: 0 });
  expect(press('ArrowRight', 0, 3)).toEqual({ row: 0, column: 3 });
});
it('leaves other keys alone', () => {
  expect(press('Enter', 0, 0)).toBeNull();
  expect(press('ArrowDown', 0, 0, true)).toBeNull();
});
