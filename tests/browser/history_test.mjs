// What a thing was before: the simulated Bitbucket changes, two more syncs see it, and the console shows what came in
// place of what.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { axe, closeBrowser, closePages, openPage, settled, startWorld, until } from './harness.mjs';

let world;
let changed;
before(async () => {
  world = await startWorld({
    world: ['--people', '8', '--groups', '1', '--projects', '1', '--repositories', '2', '--pull-requests', '10'],
  });
  const { bitbucket, daemon } = world;
  const source = await daemon.register(bitbucket);
  assert.equal((await daemon.synced(source.id)).result, 'succeeded');
  for (const text of ['Paid by card', 'Paid by invoice']) {
    await bitbucket.ask('DELETE', 'faults');
    const bent = { kind: 'set_field', path: '/2.0/repositories/', field: 'description', text, count: 0 };
    await bitbucket.ask('POST', 'faults', bent);
    const { id } = await daemon.ask('POST', `/v1/sources/${source.id}/syncs`, { mode: 'full' });
    await until('the sync', async () => (await daemon.ask('GET', `/v1/syncs/${id}`)).state === 'done');
  }
  changed = await findChanged(daemon);
});
afterEach(closePages);
after(async () => {
  await closeBrowser();
  await world?.end();
});

/** A repository: its description was what it was, then two others. */
async function findChanged(daemon) {
  const [{ id, revision }] = (await daemon.ask('GET', '/v1/artifacts?kind=repository&limit=1')).items;
  const described = async (number) =>
    (await daemon.ask('GET', `/v1/artifacts/${id}/revisions/${number}`)).content.description;
  assert.deepEqual([revision, await described(2), await described(3)], [3, 'Paid by card', 'Paid by invoice']);
  return { id, field: 'description', last: 3, old: await described(1), fresh: await described(3) };
}

const line = (value) => `"${changed.field}": ${JSON.stringify(value)}`;

/** The line of the table of differences that has the field: what stands left, and what stands right. */
async function sidesOf(page) {
  const rows = page.getByRole('region', { name: 'Differences' }).locator('tbody tr');
  const row = rows.filter({ hasText: `"${changed.field}": ` }).filter({ has: page.locator('.ev-diff-removed') }).first();
  const texts = row.locator('.ev-diff-text');
  return [await texts.nth(0).innerText(), await texts.nth(1).innerText()];
}

test('from the history to two revisions side by side: the old value and the one that took its place', async () => {
  const { page, watch, go } = await openPage(world.daemon);
  await go(`/artifacts/${changed.id}/history`);
  const rows = page.getByRole('region', { name: 'Revisions' }).locator('tbody tr');
  assert.equal(await rows.count(), changed.last);
  await rows.filter({ has: page.getByRole('link', { name: String(changed.last), exact: true }) })
    .getByRole('link', { name: 'What changed' }).click();
  await page.waitForURL(new RegExp(`/diff\\?from=${changed.last - 1}&to=${changed.last}$`));
  await page.getByLabel('From', { exact: true }).selectOption('1');
  await page.waitForURL(/[?&]from=1(&|$)/);
  await settled(page);
  const [left, right] = await sidesOf(page);
  assert.ok(left.includes('removed:') && left.includes(line(changed.old)), left);
  assert.ok(right.includes('added:') && right.includes(line(changed.fresh)), right);
  assert.deepEqual(await axe(page), []);

  // In one column the old line stands above the new one.
  await page.getByRole('button', { name: 'Inline' }).click();
  await page.waitForURL(/view=inline/);
  const text = await page.getByRole('region', { name: 'Differences' }).innerText();
  assert.ok(text.indexOf(line(changed.old)) < text.indexOf(line(changed.fresh)));

  // Nothing has changed between a revision and itself.
  await page.getByLabel('To', { exact: true }).selectOption('1');
  await page.getByText('The contents are the same.').waitFor();
  watch.check();
});

test('the same by the keyboard', async () => {
  const { page, watch, go } = await openPage(world.daemon);
  await go(`/artifacts/${changed.id}/history`);
  const tabTo = async (wanted) => {
    for (let step = 0; step < 80; ++step) {
      if (await page.evaluate(wanted)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`${wanted} is not reached by Tab`);
  };
  await tabTo(() => document.activeElement.textContent === 'What changed');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/diff\?/);
  await settled(page);
  await tabTo(() => document.activeElement.getAttribute('aria-label') === 'From');
  await page.keyboard.press('End');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'To');
  await page.keyboard.press('Home');
  await page.waitForURL(new RegExp(`from=1&to=${changed.last}`));
  await settled(page);
  const [left, right] = await sidesOf(page);
  assert.ok(left.includes(line(changed.old)) && right.includes(line(changed.fresh)), `${left} | ${right}`);
  await tabTo(() => document.activeElement.getAttribute('aria-label') === 'Differences');
  watch.check();
});
