import { expect, test } from 'vitest';

import { changed, queryText } from './urlFilters';

const after = (before: string, values: Parameters<typeof changed>[1]) =>
  changed(new URLSearchParams(before), values).toString();

test('several values repeat the name', () => {
  expect(after('q=x', { kind: ['a', 'b'] })).toBe('q=x&kind=a&kind=b');
});

test('a value takes the place of those before', () => {
  expect(after('kind=a&kind=b&q=x', { kind: 'c' })).toBe('q=x&kind=c');
});

test('no value, and an empty one, leave the name out', () => {
  expect(after('q=x&kind=a&tab=b', { q: '', kind: null, tab: [] })).toBe('');
});

test('a query as text', () => {
  expect(queryText({ q: undefined, kind: [] })).toBe('');
  expect(queryText({ q: 'a b', kind: ['x', 'y'] })).toBe('?q=a+b&kind=x&kind=y');
});
