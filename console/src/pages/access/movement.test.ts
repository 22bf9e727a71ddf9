import { expect, test } from 'vitest';

import { moved } from './movement';

const extent = { rows: 11, columns: 6, page: 4 };
const to = (key: string, row = 5, column = 3) => {
  const cell = moved({ row, column }, key, extent);
  return cell && [cell.row, cell.column];
};

test('arrows move by one and stay within', () => {
  expect([to('ArrowUp'), to('ArrowDown'), to('ArrowLeft'), to('ArrowRight')]).toEqual([
    [4, 3],
    [6, 3],
    [5, 2],
    [5, 4],
  ]);
  expect([to('ArrowUp', 0, 0), to('ArrowLeft', 0, 0)]).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect([to('ArrowDown', 10, 5), to('ArrowRight', 10, 5)]).toEqual([
    [10, 5],
    [10, 5],
  ]);
});

test('pages and ends', () => {
  expect([to('PageUp'), to('PageDown'), to('PageDown', 9)]).toEqual([
    [1, 3],
    [9, 3],
    [10, 3],
  ]);
  expect([to('Home'), to('End'), to('Control+Home'), to('Control+End')]).toEqual([
    [5, 0],
    [5, 5],
    [0, 0],
    [10, 5],
  ]);
});

test('other keys do not move', () => {
  expect([to('Enter'), to('a'), to('Control+ArrowUp')]).toEqual([null, null, null]);
});
