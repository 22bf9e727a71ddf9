import { expect, it } from 'vitest';

import { trailerIn } from './download';

const trailer = '{"trailer":{"count":3,"sha256":"ab12"}}';

it('reads what an export ends with', () => {
  expect(trailerIn(`cut off"}\n{"id":"art_1"}\n${trailer}\n`)).toEqual({ count: 3, sha256: 'ab12' });
});
it('has no trailer where the end is cut off or of another form', () => {
  expect(trailerIn(trailer.slice(0, -4))).toBeNull();
  expect(trailerIn('art_1,commit,"a, b"\n')).toBeNull();
  expect(trailerIn('{"id":"art_1"}\n')).toBeNull();
  expect(trailerIn('')).toBeNull();
});
