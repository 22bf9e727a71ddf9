import { expect, test } from 'vitest';

import { keyWord, lastDay } from './words';

const now = new Date('2026-11-30T12:00:00Z');
const word = (expires_at: string | null, revoked_at: string | null = null) => keyWord({ expires_at, revoked_at }, now).text;

test('a key is active until two weeks before its end', () => {
  expect(word(null)).toBe('Active');
  expect(word('2026-12-14T12:00:00Z')).toBe('Active');
  expect(word('2026-12-14T11:59:59Z')).toBe('Expires soon');
  expect(word('2026-11-30T12:00:00Z')).toBe('Expired');
});

test('revoked is the last word', () => {
  expect(word(null, '2026-11-01T00:00:00Z')).toBe('Revoked');
  expect(word('2026-01-01T00:00:00Z', '2026-11-01T00:00:00Z')).toBe('Revoked');
});

test('a key may live to the end of a day within a year', () => {
  expect(lastDay(now)).toBe('2027-11-29');
});
