import { expect, test } from 'vitest';

import { accountName, checksText } from './findings';

test('checks that are not known are not the same as none', () => {
  expect(checksText(null)).toBeNull();
  expect(checksText({ successful: 0, failed: 0, in_progress: 0, stopped: 0 })).toBe('none');
  expect(checksText({ successful: 3, failed: 1, in_progress: 0, stopped: 2 })).toBe('3 passed, 1 failed, 2 stopped');
});

test('accounts', () => {
  const account = { id: '{1}', uuid: '{1}', name: ' Ada ', is_app: false };
  expect(accountName(account)).toBe('Ada');
  expect(accountName({ ...account, name: '  ', is_app: true })).toBe('{1} (app)');
  expect(accountName(null)).toBe('not named any more');
});
