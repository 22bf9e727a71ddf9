// One stream of events for all windows of a browser, what happens between two streams, and answers that are slow.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { closeBrowser, closePages, openPage, startWorld, until } from './harness.mjs';

let world;
let source;
before(async () => {
  world = await startWorld();
  source = await world.daemon.register(world.bitbucket, { start_sync: false });
});
afterEach(async () => {
  await closePages();
  await world.daemon.ask('POST', `/v1/sources/${source.id}/resume`);
});
after(async () => {
  await closeBrowser();
  await world?.end();
});

const act = (what) => world.daemon.ask('POST', `/v1/sources/${source.id}/${what}`);
const isFeed = (url) => new URL(url).pathname === '/v1/events';
const paused = (page) => page.locator('tbody').getByText('Paused', { exact: true }).waitFor();
const active = async (page) => {
  await page.getByRole('link', { name: 'Acme' }).first().waitFor();
  await page.locator('tbody').getByText('Paused', { exact: true }).waitFor({ state: 'detached' });
};
const isLive = (page) => page.locator('.ev-live').waitFor({ state: 'detached' });

/** A second window of the same browser, which follows the feed. */
async function another(context) {
  const page = await context.newPage();
  await page.goto(`${world.daemon.url}/ui/sources`);
  await active(page);
  await isLive(page);
  return page;
}

/** Requests for the feed by the windows of `context`, as they come. */
function feedsOf(context) {
  const feeds = [];
  context.on('request', (asked) => isFeed(asked.url()) && feeds.push(asked));
  return feeds;
}

/** Holds requests for the feed until `release`. What is asked of them meanwhile is not answered. */
async function holdFeed(context) {
  const held = [];
  let open = false;
  await context.route((url) => isFeed(url.href), (route) => (open ? route.fallback() : held.push(route)));
  return {
    held,
    async release() {
      open = true;
      for (const route of held.splice(0)) await route.fallback();
    },
  };
}

test('two windows read one stream; the second follows it, and takes it over when the first is closed', async () => {
  const { daemon } = world;
  const { page: first, context, watch, go } = await openPage(daemon);
  const feeds = feedsOf(context);
  await go('/sources');
  await until('the stream', () => feeds.length === 1);
  await isLive(first);
  const second = await another(context);

  await act('pause');
  await paused(first);
  await paused(second);
  assert.equal(feeds.length, 1, 'one stream for both');

  // What happens while nobody reads is not lost either.
  const gate = await holdFeed(context);
  await first.close();
  await until('the second to ask', () => gate.held.length === 1);
  await act('resume');
  await gate.release();
  await active(second);
  await act('pause');
  await paused(second);
  assert.equal(feeds.length, 2, 'one after the other');
  assert.equal(feeds[1].frame().page(), second);
  watch.check();
});

test('a window that takes over without having heard of an event asks for everything again', async () => {
  const { daemon } = world;
  const { page: first, context, go } = await openPage(daemon);
  await go('/sources');
  await isLive(first);
  const second = await another(context);
  const gate = await holdFeed(context);
  await first.close();
  await until('the second to ask', () => gate.held.length === 1);
  await act('pause');
  await gate.release();
  await paused(second);
});

test('after a restart of the daemon the feed goes on where it was', async () => {
  const { daemon } = world;
  const { page, context, watch, go } = await openPage(daemon);
  const feeds = feedsOf(context);
  await go('/sources');
  await act('pause');
  await paused(page);
  const gate = await holdFeed(context);
  for (const pattern of [/Failed to load resource/, /net::ERR/]) watch.forgive(pattern);
  await daemon.stop();
  await daemon.serve();
  await until('the stream to be asked for again', () => gate.held.length === 1);
  const before = feeds.length;
  await act('resume');
  // Nothing else tells the page: it stays as it is until it is given what came while the stream was down. Chromium
  // sends Last-Event-ID, and shows it to nobody who listens to its requests.
  await page.waitForTimeout(1000);
  await paused(page);
  await gate.release();
  await active(page);
  assert.equal(feeds.length, before);
  watch.check();
});

test('what happened before a refused feed began anew is seen in every window', async () => {
  const { daemon } = world;
  const { page: first, context, watch, go } = await openPage(daemon);
  await go('/sources');
  await isLive(first);
  const second = await another(context);
  const gate = await holdFeed(context);
  for (const pattern of [/Failed to load resource/, /net::ERR/]) watch.forgive(pattern);
  await daemon.stop();
  await daemon.serve();
  await until('the stream to be asked for again', () => gate.held.length === 1);
  await gate.held.shift().fulfill({ status: 503 });
  await until('a new stream to be asked for', () => gate.held.length === 1);
  await act('pause');
  await gate.release();
  await paused(first);
  await paused(second);
  watch.check();
});

test('a window passes over what it does not understand: an older version of the page may be open', async () => {
  const { daemon } = world;
  const { page, context, watch, go } = await openPage(daemon);
  await go('/sources');
  await isLive(page);
  const other = await context.newPage();
  await other.goto(`${daemon.url}/ui/about`);
  await other.evaluate(() => {
    for (const name of ['evidenced.events', 'evidenced.events.2']) {
      const channel = new BroadcastChannel(name);
      for (const message of ['stale', null, 7, {}, { state: 'live' }, { keys: 'sources' }, { stale: [], place: '1' }]) {
        channel.postMessage(message);
      }
    }
  });
  await act('pause');
  await paused(page);
  watch.check();
});

for (const [path, api] of [['/sources', '/v1/sources'], ['/artifacts', '/v1/artifacts'], ['/access', '/v1/reports/access']]) {
  test(`a slow answer is a page that says it is busy, never an error: ${path}`, async () => {
    const { daemon } = world;
    const { page, watch, go } = await openPage(daemon);
    await go('/about');
    const waiting = [];
    await page.route((url) => url.pathname === api, (route) => waiting.push(route));
    await page.goto(`${daemon.url}/ui${path}`);
    await page.locator('[aria-busy=true]').first().waitFor();
    await until('the request', () => waiting.length > 0);
    const end = Date.now() + 3000;
    while (Date.now() < end) {
      assert.ok((await page.locator('[aria-busy=true]').count()) > 0, 'it is still busy');
      assert.equal(await page.locator('[data-code]').count(), 0, 'and nothing has failed');
      await page.waitForTimeout(200);
    }
    await page.unroute((url) => url.pathname === api).catch(() => undefined);
    for (const route of waiting) await route.fallback();
    await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
    assert.equal(await page.locator('[data-code]').count(), 0);
    watch.check();
  });
}
