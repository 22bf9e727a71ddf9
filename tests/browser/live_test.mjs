// What happens while somebody looks: progress to the end, a daemon that is restarted, a token that is rotated, a source
// that is paused, answers that fail, a session that ends.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { closeBrowser, closePages, daysAhead, openPage, startWorld, until } from './harness.mjs';

let world;
before(async () => (world = await startWorld()));
afterEach(closePages);
after(async () => {
  await closeBrowser();
  await world?.end();
});

const connectionLost = [/Failed to load resource/, /ERR_CONNECTION/, /net::ERR/];

test('a sync goes to its end over a restart of the daemon, and the page comes back by itself', async () => {
  const { bitbucket, daemon } = world;
  // Not at its end before it was seen at work.
  await bitbucket.ask('POST', 'faults', { kind: 'slow', contains: '/pullrequests', delay_ms: 10_000, count: 0 });
  const source = await daemon.register(bitbucket);
  const { page, watch, go } = await openPage(daemon);
  await go(`/syncs/${source.last_sync.id}`);
  await page.getByRole('progressbar').first().waitFor();
  for (const pattern of connectionLost) watch.forgive(pattern);
  await daemon.stop('SIGKILL');
  await bitbucket.ask('DELETE', 'faults');
  await daemon.serve();
  await page.getByText('Succeeded').first().waitFor({ timeout: 120_000 });
  assert.equal((await daemon.ask('GET', `/v1/syncs/${source.last_sync.id}`)).result, 'succeeded');
  watch.check();
});

test('a source is paused and resumed from its page, and the table follows in another window', async () => {
  const { daemon } = world;
  const [source] = (await daemon.ask('GET', '/v1/sources')).items;
  const one = await openPage(daemon);
  const two = await openPage(daemon);
  await two.go('/sources');
  await one.go(`/sources/${source.id}`);
  await one.page.getByRole('button', { name: 'Pause' }).click();
  await one.page.getByRole('button', { name: 'Resume' }).waitFor();
  await two.page.locator('tbody').getByText('Paused').waitFor();
  assert.equal((await daemon.ask('GET', `/v1/sources/${source.id}`)).state, 'paused');
  await one.page.getByRole('button', { name: 'Resume' }).click();
  await until('resumed', async () => (await daemon.ask('GET', `/v1/sources/${source.id}`)).state === 'active');
  one.watch.check('the source');
  two.watch.check('the table');
});

test('a token is rotated: a wrong one changes nothing, a right one takes its place', async () => {
  const { bitbucket, daemon } = world;
  const [source] = (await daemon.ask('GET', '/v1/sources')).items;
  const old = await daemon.ask('GET', `/v1/sources/${source.id}/credential`);
  const { page, watch, go } = await openPage(daemon);
  await go(`/sources/${source.id}/credential`);
  await page.getByRole('button', { name: 'Rotate…' }).click();
  watch.forgive(/status of 4\d\d/);
  await page.fill('#email', bitbucket.email);
  await page.fill('#token', `${bitbucket.token}wrong`);
  await page.fill('#expires', daysAhead(300).slice(0, 10));
  await page.getByRole('button', { name: 'Try and replace' }).click();
  await page.getByText('The old token is still in place').waitFor();
  assert.equal((await daemon.ask('GET', `/v1/sources/${source.id}/credential`)).fingerprint, old.fingerprint);
  const fresh = await bitbucket.ask('POST', 'tokens', { email: bitbucket.email, person: 0, profile: 'control', role: 'admin' });
  await page.fill('#token', fresh.token);
  await page.getByRole('button', { name: 'Try and replace' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const now = await daemon.ask('GET', `/v1/sources/${source.id}/credential`);
  assert.notEqual(now.fingerprint, old.fingerprint);
  assert.equal(now.expires_at.slice(0, 10), daysAhead(300).slice(0, 10));
  watch.check();
});

test('answers that fail are a card that says what to do, and pass by themselves', async () => {
  const { daemon } = world;
  const { page, watch, go } = await openPage(daemon);
  watch.forgive(/status of 5\d\d/);
  let broken = true;
  await page.route('**/v1/sources?**', (route) =>
    broken
      ? route.fulfill({
          status: 503,
          contentType: 'application/problem+json',
          body: JSON.stringify({
            type: '/v1/problems/query.timeout', title: 'The database is slow', status: 503, detail: 'It took too long.',
            code: 'query.timeout', request_id: 'req_1', retryable: true, errors: [], causes: [], remedy: ['Try again.'],
          }),
        })
      : route.fallback(),
  );
  await page.goto(`${daemon.url}/ui/sources`);
  const card = page.locator('[data-code="query.timeout"]');
  await card.waitFor();
  assert.match(await card.innerText(), /Try again/);
  assert.match(await card.innerText(), /req_1/);
  broken = false;
  await card.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Acme' }).first().waitFor();
  watch.check();
});

test('a session ends everywhere when somebody signs out, and the way back leads to the same page', async () => {
  const { daemon } = world;
  const { page, context, go } = await openPage(daemon);
  const other = await context.newPage();
  await other.goto(`${daemon.url}/ui/syncs?state=done`);
  await other.waitForSelector('#page-title');
  await go('/sources');
  await page.getByRole('button', { name: /Signed in by/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('API key').waitFor();
  await other.waitForURL(/\/ui\/sign-in$/);
  await other.getByLabel('API key').fill(daemon.key);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.waitForURL(/\/ui\/syncs\?state=done$/);
});

test('by the keyboard alone: skip link, palette, a source, its tabs', async () => {
  const { daemon } = world;
  const { page, watch, go } = await openPage(daemon);
  await go('/');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content');
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Go to a page, a source, or search artifacts').waitFor();
  await page.keyboard.type('acme');
  await page.getByRole('menuitem', { name: /Acme/ }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/ui\/sources\/src_/);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('heading', { name: 'Acme' }).waitFor();
  await page.getByRole('tab', { name: 'Coverage' }).or(page.getByRole('link', { name: 'Coverage' })).first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/coverage$/);
  watch.check();
});
