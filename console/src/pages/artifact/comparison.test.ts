import { describe, expect, it } from 'vitest';

import { compared, countsOf, folded } from './comparison';

const text = (...lines: string[]) => lines.join('\n');
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`);

describe('a comparison', () => {
  it('sets what was replaced beside what replaced it, with the numbers of each side', () => {
    const pairs = compared(text('a', 'old', 'b'), text('a', 'new', 'newer', 'b'));
    expect(pairs).toEqual([
      { kind: 'same', left: { number: 1, text: 'a' }, right: { number: 1, text: 'a' } },
      { kind: 'changed', left: { number: 2, text: 'old' }, right: { number: 2, text: 'new' } },
      { kind: 'added', right: { number: 3, text: 'newer' } },
      { kind: 'same', left: { number: 3, text: 'b' }, right: { number: 4, text: 'b' } },
    ]);
    expect(countsOf(pairs)).toEqual({ removed: 1, added: 2 });
  });
  it('keeps what was removed alone', () => {
    expect(compared(text('a', 'b', 'c'), text('a', 'c')).map((pair) => pair.kind)).toEqual(['same', 'removed', 'same']);
  });
  it('finds no difference between the same texts', () => {
    expect(countsOf(compared('a\nb', 'a\nb'))).toEqual({ removed: 0, added: 0 });
  });
  it('ends in time for long texts that have nothing in common, and keeps every line', () => {
    const before = numbered(40_000).map((line) => `- ${line}`);
    const after = numbered(40_000).map((line) => `+ ${line}`);
    const begun = performance.now();
    const pairs = compared(text('same', ...before), text('same', ...after));
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(countsOf(pairs)).toEqual({ removed: 40_000, added: 40_000 });
    expect(pairs[0]?.kind).toBe('same');
    expect(pairs[1]?.left?.text).toBe('- line 0');
  });
});

it('folds what did not change, but for some lines around each change', () => {
  const before = numbered(30);
  const after = before.with(15, 'other');
  const parts = folded(compared(text(...before), text(...after)));
  expect(parts.map((part) => [part.folded, part.pairs.length])).toEqual([
    [true, 12],
    [false, 7],
    [true, 11],
  ]);
});
