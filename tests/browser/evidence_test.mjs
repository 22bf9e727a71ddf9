// From a filter to the evidence: facets, the export of what they leave, and the grants behind a cell of the matrix.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { axe, closeBrowser, closePages, openPage, settled, startWorld } from './harness.mjs';

let world;
before(async () => {
  world = await startWorld();
  const source = await world.daemon.register(world.bitbucket);
  await world.daemon.synced(source.id);
});
afterEach(closePages);
after(async () => {
  await closeBrowser();
  await world?.end();
});

test('what a facet leaves is exported as the API gives it', async () => {
  const { daemon } = world;
  const { page, watch, go } = await openPage(daemon);
  await go('/artifacts');
  await page.getByRole('checkbox', { name: /^Pull requests/ }).click();
  await page.waitForURL(/kind=pull_request/);
  await settled(page);
  await page.getByText('90 artifacts').first().waitFor();
  await page.getByRole('button', { name: 'Export' }).click();
  const loading = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: /CSV/ }).click();
  const kept = readFileSync(await (await loading).path(), 'utf8');
  assert.equal(kept, await daemon.ask('GET', '/v1/artifacts?kind=pull_request', undefined, { accept: 'text/csv' }));
  watch.check();
});

test('a cell of the matrix opens the grants behind it, by the keyboard too', async () => {
  const { daemon } = world;
  const { page, watch, go } = await openPage(daemon);
  await go('/access');
  const cell = page.getByRole('gridcell', { name: /^Admin: / }).first();
  await cell.click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('region', { name: 'Grants' }).or(dialog.getByText(/explain/i)).first().waitFor();
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  watch.check();
});
