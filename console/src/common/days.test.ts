import { expect, test } from 'vitest';

import { beginOfDay, dayText, endOfDay } from './days';

test('days of date fields', () => {
  const now = new Date('2026-11-30T23:30:00Z');
  expect([dayText(now), dayText(now, 364), dayText(now, -30)]).toEqual(['2026-11-30', '2027-11-29', '2026-10-31']);
  expect(beginOfDay('2026-11-30')).toBe('2026-11-30T00:00:00.000Z');
  expect(endOfDay('2026-11-30')).toBe('2026-11-30T23:59:59.999Z');
  expect([beginOfDay(''), endOfDay('yesterday')]).toEqual([null, null]);
});
