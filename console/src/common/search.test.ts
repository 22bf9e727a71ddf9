import { expect, test } from 'vitest';

import { searchWith } from './search';

const changed = (before: string, change: Parameters<typeof searchWith>[1]) =>
  searchWith(new URLSearchParams(before), change).toString();

test('several values repeat the name', () => {
  expect(changed('q=x', { kind: ['a', 'b'] })).toBe('q=x&kind=a&kind=b');
});

test('a value takes the place of those before', () => {
  expect(changed('kind=a&kind=b&q=x', { kind: 'c' })).toBe('q=x&kind=c');
});

test('no value, and an empty one, leave the name out', () => {
  expect(changed('q=x&kind=a&tab=b', { q: '', kind: undefined, tab: [] })).toBe('');
});
