// What goes wrong while somebody works: a session that ends in the middle of a form, requests that are refused, a disk
// that is full. Nothing that was typed is lost, nothing is kept where it must not be, and what is to be done is said.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { axe, closeBrowser, closePages, openPage, startWorld } from './harness.mjs';
import { button, dayAhead, next, paste, probe, toPaste } from './wizard_steps.mjs';

let world;
let source;
before(async () => {
  world = await startWorld({
    world: ['--people', '6', '--groups', '1', '--projects', '1', '--repositories', '2', '--pull-requests', '4'],
  });
  const other = await world.bitbucket.ask('POST', 'tokens', { email: 'first@example.com', person: 1 });
  source = await world.daemon.register(other, { name: 'First', start_sync: false });
});
afterEach(closePages);
after(async () => {
  await closeBrowser();
  await world?.end();
});

const again = (page) => page.getByRole('dialog', { name: 'Sign in again' });

async function signInAgain(page, key) {
  await again(page).waitFor();
  assert.ok(await page.evaluate(() => document.activeElement?.id === 'key'), 'the focus is where the key goes');
  await page.keyboard.type(key);
  await page.keyboard.press('Enter');
}

async function signOut(page) {
  await page.getByRole('button', { name: /Signed in by/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
}

/** Waits until `page` has come to where one signs in, and sees that it stays there with nobody signed in. */
async function isOut(page) {
  await page.waitForURL(/\/ui\/sign-in$/);
  await page.getByLabel('API key').waitFor();
  await page.reload();
  await page.getByLabel('API key').waitFor();
  assert.match(page.url(), /\/ui\/sign-in$/);
}

/** Begins another session in the browser of `page`, as something would that tells no window of it. */
const replaceSession = (page, key) =>
  page.evaluate(
    (body) => fetch('/ui/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }),
    JSON.stringify({ key }),
  );

/** Ends the session as it ends when its time is over: no window is told. */
const endSession = (page) =>
  page.evaluate(async () => {
    const { csrf_token: token } = await (await fetch('/ui/session')).json();
    await fetch('/ui/session', { method: 'DELETE', headers: { 'X-CSRF-Token': token } });
  });

const keptBy = (page) =>
  page.evaluate(async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state,
    await indexedDB.databases()]));

test('the session ends while the wizard is filled in: whoever signs in again goes on where they were', async () => {
  const { bitbucket, daemon } = world;
  const { page, watch, go } = await openPage(daemon);
  watch.forgive(/status of 401/);
  await go('/sources/new');
  await toPaste(page, 'Second');
  await paste(page, { ...bitbucket, expires: dayAhead(77) });
  await endSession(page);
  await next(page);
  await again(page).waitFor();
  assert.deepEqual(await axe(page), []);
  assert.ok(!(await keptBy(page)).includes('ATATT'), 'the token is in no store of the browser');
  await page.keyboard.press('Escape');
  await signInAgain(page, daemon.key);
  await again(page).waitFor({ state: 'detached' });
  await button(page, 'Probe again').click();
  await page.locator('[data-valid=true]').waitFor();
  await button(page, 'Back').click();
  assert.equal(await page.inputValue('#email'), bitbucket.email);
  assert.equal(await page.inputValue('#expires'), dayAhead(77));
  await next(page);
  await next(page);
  await page.getByLabel('Start the first sync at once').uncheck();
  await button(page, 'Create').click();
  await page.waitForURL(/\/ui\/sources\/src_/);
  await page.getByRole('heading', { name: 'Second' }).waitFor();
  assert.ok(!(await keptBy(page)).includes('ev_'), 'nor is the key');
  watch.check();
});

test('the session ends under a dialog: nothing is shown until the same key signs in, and all that was typed is there', async () => {
  const { bitbucket, daemon } = world;
  const fresh = await bitbucket.ask('POST', 'tokens', { email: 'first@example.com', person: 1 });
  const { page, watch, go } = await openPage(daemon);
  watch.forgive(/status of 401/);
  await go(`/sources/${source.id}/credential`);
  await button(page, 'Rotate…').click();
  await paste(page, fresh);
  await endSession(page);
  await button(page, 'Try and replace').click();
  await again(page).waitFor();
  await page.keyboard.press('Control+k');
  await page.waitForTimeout(500);
  assert.equal(await page.getByRole('dialog').count(), 1, 'no palette above it');
  assert.doesNotMatch(await page.locator('body').innerText(), /First|Rotate|Sources/);
  assert.ok(!(await page.locator('#token').isVisible()));
  await page.keyboard.press('Escape');
  await signInAgain(page, daemon.key);
  await again(page).waitFor({ state: 'detached' });
  assert.equal(await page.inputValue('#token'), fresh.token);
  assert.match(await page.locator('body').innerText(), /First/);
  await button(page, 'Try and replace').click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  watch.check();
});

test('another key finds nothing of what was typed before it', async () => {
  const { daemon } = world;
  const { key } = await daemon.ask('POST', '/v1/api-keys', { name: 'Somebody else', roles: ['operator'] });
  const { page, watch, go } = await openPage(daemon);
  watch.forgive(/status of 401/);
  await go('/sources/new');
  await toPaste(page);
  await page.fill('#token', 'ATATT3x'.padEnd(90, 'x'));
  await page.fill('#email', 'a@example.com');
  await endSession(page);
  await next(page);
  await signInAgain(page, key);
  await page.waitForFunction(() => document.querySelector('#name')?.value === '');
  await page.getByRole('button', { name: 'Signed in by the key Somebody else' }).waitFor();
  assert.equal(await page.locator('#token').count(), 0);
  watch.check();
});

test('a window whose session was replaced without its knowledge finds the new one', async () => {
  const { daemon } = world;
  const { page, watch, go } = await openPage(daemon);
  watch.forgive(/status of 403/);
  await go(`/sources/${source.id}`);
  await replaceSession(page, daemon.key);
  const asked = page.waitForResponse((answer) => answer.url().endsWith('/ui/session'));
  await button(page, 'Pause').click();
  await page.locator('[data-code="session.csrf"]').waitFor();
  await (await asked).finished();
  await button(page, 'Pause').click();
  await button(page, 'Resume').click();
  await button(page, 'Pause').waitFor();
  watch.check();
});

test('a window begins anew when another signs in with another key, or when it is looked at after that', async () => {
  const { daemon } = world;
  const { key } = await daemon.ask('POST', '/v1/api-keys', { name: 'Other window', roles: ['admin'] });
  const { page, context, watch, go } = await openPage(daemon);
  await go('/sources');
  const other = await context.newPage();
  const { url } = await daemon.ask('POST', '/v1/sign-in-links', undefined, { authorization: `Bearer ${key}` });
  await other.goto(url);
  await page.getByRole('button', { name: 'Signed in by the key Other window' }).waitFor();
  await page.getByRole('link', { name: 'First' }).first().waitFor();
  await replaceSession(other, daemon.key);
  await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
  await page.getByRole('button', { name: 'Signed in by the key Other window' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /Signed in by/ }).waitFor();
  watch.check();
});

test('who signs out in one window has left in all of them', async () => {
  const { daemon } = world;
  const { page, context, watch, go } = await openPage(daemon);
  watch.forgive(/status of 401/);
  await go('/sources');
  const other = await context.newPage();
  await other.goto(`${daemon.url}/ui/about`);
  await signOut(other);
  await isOut(other);
  await isOut(page);
  // Whoever comes back in one comes back in all.
  await other.getByLabel('API key').fill(daemon.key);
  await button(other, 'Sign in').click();
  await page.getByRole('button', { name: /Signed in by/ }).waitFor();
  watch.check();
});

test('signing out ends the session that has replaced the one of the window', async () => {
  const { daemon } = world;
  const { page, watch, go } = await openPage(daemon);
  for (const pattern of [/status of 401/, /status of 403/]) watch.forgive(pattern);
  await go('/about');
  await replaceSession(page, daemon.key);
  await signOut(page);
  await isOut(page);
  watch.check();
});

const problem = (status, code, title, remedy, more = {}) => ({
  status,
  contentType: 'application/problem+json',
  headers: more.headers,
  body: JSON.stringify({
    type: `/v1/problems/${code}`, title, status, detail: 'In these words.', code, request_id: 'req_7',
    retryable: status !== 403, errors: [], causes: [], remedy: [remedy],
  }),
});
const lists = [
  { name: '429', answer: problem(429, 'quota.exceeded', 'Too many requests', 'Wait as Retry-After says.',
    { headers: { 'Retry-After': '30' } }), says: /It may be tried again in 30 s/ },
  { name: '403', answer: problem(403, 'auth.forbidden', 'The key’s roles do not allow this', 'Use another key.'),
    says: /Use another key/ },
  { name: '507', answer: problem(507, 'storage.full', 'The disk is full', 'Free space; the daemon goes on by itself.'),
    says: /Free space/ },
];
for (const { name, answer, says } of lists) {
  test(`${name} is a card with its remedy, and trying again helps`, async () => {
    const { daemon } = world;
    const { page, watch, go } = await openPage(daemon);
    watch.forgive(new RegExp(`status of ${name}`));
    await go('/about');
    let broken = true;
    await page.route((url) => url.pathname === '/v1/sources', (route) => (broken ? route.fulfill(answer) : route.fallback()));
    await page.goto(`${daemon.url}/ui/sources`);
    const card = page.locator(`[data-code="${JSON.parse(answer.body).code}"]`);
    await card.waitFor();
    const text = await card.innerText();
    for (const part of [/In these words/, /What to do/, says, /req_7/]) assert.match(text, part);
    assert.deepEqual(await axe(page), []);
    broken = false;
    await card.getByRole('button', { name: 'Try again' }).click();
    await card.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'First' }).first().waitFor();
    watch.check();
  });
}

test('a full disk while the source is created: nothing is stored, and sending it again creates it once', async () => {
  const { bitbucket, daemon } = world;
  const account = await bitbucket.ask('POST', 'tokens', { email: 'third@example.com', person: 3 });
  const { page, watch, go } = await openPage(daemon);
  watch.forgive(/status of 507/);
  await go('/sources/new');
  await probe(page, account);
  await page.locator('[data-valid=true]').waitFor();
  await next(page);
  await page.fill('#tags', 'kept');
  await page.getByLabel('Start the first sync at once').uncheck();
  const submissions = [];
  await page.route((url) => url.pathname === '/v1/sources', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    submissions.push(route.request().headers()['idempotency-key']);
    return submissions.length === 1
      ? route.fulfill(problem(507, 'storage.full', 'The disk is full', 'Free space.'))
      : route.fallback();
  });
  await button(page, 'Create').click();
  const card = page.locator('[data-code="storage.full"]');
  await card.waitFor();
  assert.match(await card.innerText(), /Nothing was stored/);
  assert.equal(await page.inputValue('#tags'), 'kept');
  await button(page, 'Create').click();
  await page.waitForURL(/\/ui\/sources\/src_/);
  assert.equal(submissions.length, 2);
  assert.ok(submissions[0] && submissions[0] === submissions[1], 'one submission, sent twice');
  const made = await daemon.ask('GET', `/v1/sources/${page.url().split('/').at(-1)}`);
  assert.deepEqual(made.tags, ['kept']);
  watch.check();
});

test('signing out while the daemon is down does not work: whoever tried it stays, and is told', async () => {
  const { daemon } = world;
  const { page, watch, go } = await openPage(daemon);
  for (const pattern of [/status of 401/, /Failed to load resource/, /net::ERR/]) watch.forgive(pattern);
  await go('/about');
  await daemon.stop();
  await signOut(page);
  const card = page.getByRole('alert').filter({ hasText: 'you are still signed in' });
  await card.waitFor();
  assert.match(await card.innerText(), /The daemon does not answer/);
  assert.match(page.url(), /\/ui\/about$/);
  assert.deepEqual(await axe(page), []);
  await daemon.serve();
  await card.getByRole('button', { name: 'Try again' }).click();
  await isOut(page);
  watch.check();
});
