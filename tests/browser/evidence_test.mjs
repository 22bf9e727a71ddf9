// From a filter to the evidence: facets, the export of what they leave, the exports of the reports, and the grants behind
// a cell of the matrix.
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

for (const { name, path, api } of [
  { name: 'who has access to what', path: '/access', api: '/v1/reports/access' },
  { name: 'the administrators alone', path: '/access?permission=admin', api: '/v1/reports/access?permission=admin' },
  { name: 'the changes', path: '/changes', api: '/v1/reports/changes' },
]) {
  test(`an export is the API's answer, byte for byte: ${name}`, async () => {
    const { daemon } = world;
    const { page, watch, go } = await openPage(daemon);
    // How long they are is not known before: a browser that can asks for a file to write. Others load them down.
    await page.addInitScript(() => (window.showSaveFilePicker = undefined));
    await go(path);
    await page.getByRole('button', { name: 'Export' }).click();
    const loading = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: /CSV/ }).click();
    const kept = readFileSync(await (await loading).path(), 'utf8');
    const given = await daemon.ask('GET', api, undefined, { accept: 'text/csv' });
    assert.ok(given.split('\n').length > 3, given);
    assert.equal(kept, given);
    watch.check();
  });
}

test('where the browser writes files, an export is written while it comes', async () => {
  const { daemon } = world;
  const { page, watch, go } = await openPage(daemon);
  await page.addInitScript(() => {
    window.written = { name: '', text: '', whole: false };
    const decoder = new TextDecoder();
    window.showSaveFilePicker = async ({ suggestedName }) => {
      window.written.name = suggestedName;
      const sink = {
        write: (piece) => void (window.written.text += decoder.decode(piece, { stream: true })),
        close: () => void (window.written.whole = true),
      };
      return { createWritable: async () => new WritableStream(sink) };
    };
  });
  await go('/access');
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: /CSV/ }).click();
  await page.waitForFunction(() => window.written.whole);
  const { name, text } = await page.evaluate(() => window.written);
  assert.equal(name, 'permissions.csv');
  assert.equal(text, await daemon.ask('GET', '/v1/reports/access', undefined, { accept: 'text/csv' }));
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
