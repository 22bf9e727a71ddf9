// The wizard from signing in to the first artifacts. What may go wrong on the way is in troubleshooting_test.mjs.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { axe, closeBrowser, closePages, openPage, settled, startWorld } from './harness.mjs';
import { next, probe } from './wizard_steps.mjs';

let world;
before(async () => (world = await startWorld()));
afterEach(closePages);
after(async () => {
  await closeBrowser();
  await world?.end();
});

test('from the key to the first artifacts', async () => {
  const { bitbucket, daemon } = world;
  const { page, watch, go } = await openPage(daemon, { signedIn: false });
  await go('/');
  await page.getByLabel('API key').fill(daemon.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Add source' }).click();
  await probe(page, bitbucket);
  await page.locator('[data-valid=true]').waitFor();
  assert.deepEqual(await axe(page), []);
  await next(page);
  await page.getByRole('button', { name: 'Create and sync' }).click();
  await page.waitForURL(/\/ui\/syncs\/syn_/);
  await page.getByText('Succeeded').first().waitFor({ timeout: 90_000 });
  assert.ok(!(await page.content()).includes(bitbucket.token), 'the token is in no page');
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!kept.includes('ATATT') && !kept.includes('ev_'), 'nor in what the browser keeps');
  await page.getByRole('link', { name: 'Repository', exact: true }).first().click();
  await settled(page);
  await page.getByText(/6 artifacts/).first().waitFor();
  watch.check('the whole way');
  const { items } = await daemon.ask('GET', '/v1/sources');
  assert.deepEqual(items.map(({ name }) => name), ['Acme']);
});
