import { expect, it } from 'vitest';

import { bytesText } from './bytes';

it('says how large something is', () => {
  expect([0, 1_023, 1_024, 1_572_864, 3 * 1_073_741_824].map(bytesText)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.0 KiB',
    '1.5 MiB',
    '3.0 GiB',
  ]);
});
