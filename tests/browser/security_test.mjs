// What a browser must not be made to do, and what must not be found in it: names that are markup, a token after it was
// sent, the cookie, requests from elsewhere, frames.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, afterEach, before, test } from 'node:test';

import { closeBrowser, closePages, openPage, settled, startWorld, until } from './harness.mjs';
import { button, next, probe } from './wizard_steps.mjs';

const markup = '<img src=x onerror="window.markupRan = true">';

let world;
let source;
before(async () => {
  world = await startWorld({
    world: ['--people', '6', '--groups', '1', '--projects', '1', '--repositories', '3', '--pull-requests', '12'],
  });
  const { bitbucket, daemon } = world;
  const bent = [
    { path: '/2.0/repositories/', field: 'name' },
    { path: '/2.0/repositories/', contains: '/pullrequests', field: 'title' },
    { path: '/2.0/workspaces/', field: 'user.display_name' },
  ];
  for (const fault of bent) await bitbucket.ask('POST', 'faults', { kind: 'set_field', text: markup, count: 0, ...fault });
  source = await daemon.register(bitbucket, { name: markup, tags: [markup] });
  await daemon.synced(source.id);
});
afterEach(closePages);
after(async () => {
  await closeBrowser();
  await world?.end();
});

test('names that are markup are text, on every page', async () => {
  const { daemon } = world;
  const { page, watch, go } = await openPage(daemon);
  const artifact = async (kind) => (await daemon.ask('GET', `/v1/artifacts?kind=${kind}&limit=1`)).items[0].id;
  const repository = await artifact('repository');
  const sync = (await daemon.ask('GET', `/v1/syncs?source=${source.id}&limit=1`)).items[0].id;
  const shown = [
    '/', '/sources', `/sources/${source.id}`, `/sources/${source.id}/settings`, '/artifacts?kind=repository',
    '/artifacts?kind=pull_request', `/artifacts/${repository}`, `/artifacts/${repository}/raw`,
    `/artifacts/${await artifact('pull_request')}`, '/access', '/access?view=list', '/changes', '/events',
  ];
  for (const path of [...shown, '/syncs', `/syncs/${sync}`, `/artifacts/${repository}/related`]) {
    await go(path);
    const { text, images, ran } = await page.evaluate(() => ({
      text: document.body.innerText + [...document.querySelectorAll('input')].map((each) => each.value).join(' '),
      images: document.querySelectorAll('img[src="x"]').length,
      ran: 'markupRan' in window,
    }));
    assert.equal(images, 0, path);
    assert.equal(ran, false, path);
    if (shown.includes(path)) assert.ok(text.includes('<img src=x onerror='), `${path} shows the name`);
  }
  await go('/');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('img');
  await page.getByRole('dialog').getByText(markup).first().waitFor();
  await page.keyboard.press('Escape');
  await go(`/sources/${source.id}/settings`);
  await page.getByRole('button', { name: /^Delete/ }).first().click();
  await page.getByRole('dialog').getByText(markup).first().waitFor();
  assert.equal(await page.locator('img[src="x"]').count(), 0);
  watch.check();
});

test('the token is gone from the page, its history and its store once it is sent', async () => {
  const { bitbucket, daemon } = world;
  const account = await bitbucket.ask('POST', 'tokens', { email: 'second@example.com', person: 1 });
  const { page, watch, go } = await openPage(daemon);
  const addresses = [];
  page.on('request', (asked) => addresses.push(asked.url()));
  await go('/sources/new');
  await probe(page, account);
  await page.locator('[data-valid=true]').waitFor();
  assert.equal(await page.locator('#token').count(), 0, 'the step that shows it is gone');
  await next(page);
  await page.getByLabel('Start the first sync at once').uncheck();
  await button(page, 'Create').click();
  await page.waitForURL(/\/ui\/sources\/src_/);
  const nothingOf = async (where) => {
    const held = await page.evaluate(() => ({
      page: document.documentElement.outerHTML,
      fields: [...document.querySelectorAll('input')].map((each) => each.value),
      kept: { ...localStorage, ...sessionStorage },
      history: history.state,
      address: location.href,
    }));
    assert.ok(!JSON.stringify(held).includes(account.token), where);
  };
  await nothingOf('after it');
  await page.goBack();
  await settled(page);
  await nothingOf('a step back');
  assert.equal(await page.locator('#token').count(), 0);
  await page.goForward();
  await settled(page);
  await nothingOf('and forward');
  assert.ok(addresses.every((address) => !address.includes(account.token.slice(0, 40))), 'no address has it');
  watch.check();
});

test('the cookie is for this site alone and no script reads it', async () => {
  const { daemon } = world;
  const { page, context, go } = await openPage(daemon);
  await go('/');
  const cookies = await context.cookies();
  assert.equal(cookies.length, 1);
  const [{ name, httpOnly, sameSite, path, domain, value }] = cookies;
  assert.deepEqual({ name, httpOnly, sameSite, path, domain },
    { name: 'evidenced', httpOnly: true, sameSite: 'Strict', path: '/', domain: '127.0.0.1' });
  assert.ok(value.length >= 43, '256 bits');
  assert.equal(await page.evaluate(() => document.cookie), '');
});

test('what changes something needs the token of the session, and comes from our own pages', async () => {
  const { daemon } = world;
  const { page, context, watch, go } = await openPage(daemon);
  watch.forgive(/status of 403/);
  await go('/');
  const attempt = (headers) =>
    page.evaluate(
      async ([id, more]) => {
        const answer = await fetch(`/v1/sources/${id}/pause`, { method: 'POST', headers: more });
        return [answer.status, (await answer.json()).code];
      },
      [source.id, headers],
    );
  const token = await page.evaluate(async () => (await (await fetch('/ui/session')).json()).csrf_token);
  assert.deepEqual(await attempt({}), [403, 'session.csrf']);
  assert.deepEqual(await attempt({ 'X-CSRF-Token': `${token}x` }), [403, 'session.csrf']);
  const [{ name, value }] = await context.cookies();
  const foreign = await fetch(`${daemon.url}/v1/sources/${source.id}/pause`, {
    method: 'POST',
    headers: { cookie: `${name}=${value}`, 'x-csrf-token': token, origin: 'https://evil.example' },
  });
  assert.deepEqual([foreign.status, (await foreign.json()).code], [403, 'session.csrf']);
  assert.equal((await daemon.ask('GET', `/v1/sources/${source.id}`)).state, 'active');
  assert.equal((await attempt({ 'X-CSRF-Token': token }))[0], 200);
  await daemon.ask('POST', `/v1/sources/${source.id}/resume`);
  watch.check();
});

test('no page of another site frames the console, nor is its cookie sent from there', async () => {
  const { daemon } = world;
  const { page, context } = await openPage(daemon);
  const site = createServer((_asked, answer) => {
    answer.setHeader('content-type', 'text/html');
    answer.end(`<!doctype html><title>Elsewhere</title><iframe src="${daemon.url}/ui/sources"></iframe>`);
  });
  await new Promise((done) => site.listen(0, '127.0.0.1', done));
  try {
    const said = [];
    page.on('console', (message) => said.push(message.text()));
    // Another name for this machine is another site.
    await page.goto(`http://localhost:${site.address().port}/`);
    await until('the refusal', () => said.some((text) => /frame-ancestors 'none'/.test(text)), 20);
    const frame = page.frames().find((each) => each !== page.mainFrame());
    assert.ok(!frame.url().startsWith(daemon.url), `the frame shows ${frame.url()}`);
    const sent = context.waitForEvent('request', (asked) => asked.url() === `${daemon.url}/v1/sources`);
    await page.evaluate((url) => fetch(url, { credentials: 'include', mode: 'no-cors' }).catch(() => undefined),
      `${daemon.url}/v1/sources`);
    assert.equal((await (await sent).allHeaders()).cookie, undefined);
  } finally {
    site.close();
  }
});
