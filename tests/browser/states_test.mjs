// Goal: the console is whole where there is nothing, nothing yet, nothing to be had, or very much with awkward names.
// Method: a fresh daemon; answers held back; answers of 503; 500 repositories, every other name of people, repositories and
// pull requests very long, from right to left, or markup. Each state in light, in dark and at 320 px: nothing wider than the
// window, nothing that axe finds, nothing wrong on its console, a picture below the build folder.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { axe, closeBrowser, closePages, daysAhead, openPage, picture, startWorld, tooWide, until } from './harness.mjs';

const views = [
  { view: 'light', scheme: 'light' },
  { view: 'dark', scheme: 'dark' },
  { view: 'narrow', width: 320, height: 700 },
];

const awkward = {
  hebrew: 'עיריית דמיון: כל המאגרים',
  arabic: 'شركة خيالية للخدمات ٢٠٢٦',
  long: `Everything of the ${'very '.repeat(20)}long-named subsidiary`,
  unparted: `no_blank_in_${'it'.repeat(80)}`,
  markup: '<img src=x onerror="document.title=1">',
};

let empty;
let full;
let ids;

/** People of the simulated workspace that have an account of their own. */
const accounts = [1, 2, 3, 4, 6];

/** Sources that nothing is asked for: only their names matter. */
async function registerNames({ daemon, bitbucket }) {
  const registered = {};
  for (const [person, [key, name]] of Object.entries(awkward).entries()) {
    const account = { email: `${key}@example.com`, person: accounts[person], role: 'admin' };
    const { email, token } = await bitbucket.ask('POST', 'tokens', account);
    const expires_at = daysAhead(key === 'long' ? 5 : 200);
    const { id } = await daemon.register(bitbucket, {
      name,
      start_sync: false,
      tags: ['תגית', 'a-tag-of-some-length'],
      credential: { type: 'atlassian_api_token', email, token, expires_at },
    });
    await daemon.ask('POST', `/v1/sources/${id}/pause`);
    registered[key] = id;
  }
  await daemon.ask('POST', '/v1/api-keys', { name: awkward.long, roles: ['auditor'], source_ids: [registered.hebrew] });
  await daemon.ask('POST', '/v1/api-keys', { name: awkward.markup, roles: ['operator'] });
  return registered;
}

async function fill(world) {
  const { daemon, bitbucket } = world;
  // What is read of each of 500 repositories takes its time: only what the pages show.
  const scopes = ['user', 'workspace', 'project', 'repository', 'pullrequest', 'permission'].map((what) => `read:${what}:bitbucket`);
  const { email, token } = await bitbucket.ask('POST', 'tokens', { email: 'all@example.com', person: 8, role: 'admin', scopes });
  const { id: acme } = await daemon.register({ email, token });
  const names = await registerNames(world);
  const sync = await until(
    'the sync',
    async () => {
      const { items } = await daemon.ask('GET', `/v1/syncs?source=${acme}&limit=1`);
      return items[0].state === 'done' && items[0];
    },
    300,
  );
  const one = async (kind, is) => {
    const { items } = await daemon.ask('GET', `/v1/artifacts?kind=${kind}&limit=200`);
    return (items.find(is) ?? items[0]).id;
  };
  return {
    names,
    acme,
    sync: sync.id,
    change: await one('pull_request', ({ title }) => title.startsWith('thename')),
    rtl: await one('pull_request', ({ title }) => title.startsWith('מערכת')),
  };
}

before(async () => {
  const world = ['--people', '30', '--groups', '4', '--projects', '12', '--repositories', '500', '--pull-requests', '400',
                 '--with-pipelines', '4', '--restrictions', '1', '--awkward-names'];
  [empty, full] = await Promise.all([startWorld(), startWorld({ world })]);
  ids = fill(full);
  ids.catch(() => undefined);
});
after(async () => {
  await closeBrowser();
  await Promise.all([empty?.end(), full?.end()]);
});

const plain = [
  ['overview', '/'],
  ['sources', '/sources'],
  ['syncs', '/syncs'],
  ['artifacts', '/artifacts'],
  ['access', '/access'],
  ['changes', '/changes'],
  ['events', '/events'],
  ['keys', '/keys'],
  ['about', '/about'],
];

const single = [
  ['source', '/sources/src_any'],
  ['sync', '/syncs/syn_any'],
  ['artifact', '/artifacts/art_any'],
];

/** Those whose waiting and failing looks different. */
const telling = [...plain, ...single].filter(([name]) => ['overview', 'artifacts', 'access', 'changes', 'source'].includes(name));

/** Those of the full ones whose colours are not those of another. */
const colourful = ['overview', 'artifacts', 'access', 'changes', 'sync', 'artifact', 'artifact-rtl'];

/** What is narrow has the same elements as what is light: axe has seen them. */
async function whole({ page, watch }, name) {
  await picture(page, name);
  assert.equal(await tooWide(page), 0, `${name} is too wide`);
  if (!name.endsWith('-narrow')) assert.deepEqual(await axe(page), [], name);
  watch.check(name);
}

for (const { view, ...options } of views) {
  test(`nothing is collected yet, ${view}`, async (context) => {
    const opened = await openPage(empty.daemon, options);
    opened.watch.forgive(/status of (404|400)/);
    const pages = [...plain, ['calendars', '/keys/calendars'], ['no-source', '/sources/src_unknown']];
    for (const [name, path] of view === 'dark' ? telling : pages) {
      await context.test(name, async () => {
        await opened.go(path);
        await whole(opened, `empty-${name}-${view}`);
      });
    }
    await closePages();
  });

  test(`answers are on their way, ${view}`, async (context) => {
    const opened = await openPage(empty.daemon, options);
    const { page, watch } = opened;
    watch.forgive(/Failed to load resource|ERR_FAILED/);
    await page.route(/\/v1\/(?!events)/, () => new Promise(() => undefined));
    for (const [name, path] of view === 'light' ? [...plain, ...single] : telling) {
      await context.test(name, async () => {
        await page.goto(`${empty.daemon.url}/ui${path}`);
        await page.locator('[aria-busy="true"]:visible').first().waitFor();
        await page.waitForSelector('h1');
        await whole(opened, `loading-${name}-${view}`);
      });
    }
    await closePages();
  });

  test(`the daemon cannot answer, ${view}`, async (context) => {
    const opened = await openPage(empty.daemon, options);
    const { page, watch } = opened;
    const problem = {
      type: '/v1/problems/storage.busy',
      title: 'The store is busy',
      status: 503,
      detail: 'Another process holds the database: waited 5 s.',
      instance: '/v1/somewhere',
      code: 'storage.busy',
      request_id: 'req_01M8P66KKK51ATZZF8C3S7P449',
      retryable: true,
      errors: [],
      causes: [
        { likelihood: 'likely', text: 'A backup that copies the file instead of asking the daemon for it.' },
        { likelihood: 'unlikely', text: `A disk that is too slow: ${'/var/lib/evidenced'.repeat(6)}.` },
      ],
      remedy: ['Wait for the backup to end.', 'Ask the daemon for a backup: evidenced backup create.'],
    };
    watch.forgive(/Failed to load resource/);
    await page.route(/\/v1\/(?!events)/, (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        headers: { 'retry-after': '30' },
        body: JSON.stringify(problem),
      }),
    );
    // A page asks three more times before it says so.
    await page.clock.install();
    const said = page.locator('[data-code="storage.busy"]').first();
    for (const [name, path] of view === 'light' ? [...plain, ...single] : telling) {
      await context.test(name, async () => {
        await page.goto(`${empty.daemon.url}/ui${path}`);
        await until('the problem', async () => {
          await page.clock.runFor(500);
          return (await said.isVisible()) && (await page.locator('[aria-busy="true"]').count()) === 0;
        });
        await whole(opened, `error-${name}-${view}`);
      });
    }
    await closePages();
  });
}

for (const { view, ...options } of views) {
  test(`500 repositories and awkward names, ${view}`, async (context) => {
    const { names, acme, sync, change, rtl } = await ids;
    const opened = await openPage(full.daemon, options);
    const { page, go } = opened;
    const pages = [
      ...plain,
      ['sources-one', `/sources/${names.long}`],
      ['source-unparted', `/sources/${names.unparted}/settings`],
      ['source-arabic', `/sources/${names.arabic}/credential`],
      ['source-syncs', `/sources/${acme}/syncs`],
      ['source-coverage', `/sources/${acme}/coverage`],
      ['sync', `/syncs/${sync}`],
      ['artifacts-of-repositories', '/artifacts?kind=repository'],
      ['artifact', `/artifacts/${change}`],
      ['artifact-rtl', `/artifacts/${rtl}/related`],
      ['access-list', '/access?view=list'],
    ];
    for (const [name, path] of view === 'dark' ? pages.filter(([name]) => colourful.includes(name)) : pages) {
      await context.test(name, async () => {
        await go(path);
        await whole(opened, `full-${name}-${view}`);
        assert.equal(await page.locator('img[src="x"]').count(), 0, 'markup in names is text');
      });
    }
    await context.test('the repositories of the facet', async () => {
      await go('/artifacts');
      if (view === 'narrow') await page.getByRole('button', { name: 'Filters' }).click();
      const facet = page.locator('.ev-facet').filter({ has: page.getByRole('button', { name: /^Repository/ }) });
      await facet.getByRole('button', { name: 'Show more' }).click();
      await page.getByPlaceholder('Search').waitFor();
      await page.waitForFunction(() => document.querySelectorAll('[id^="facet-repository-"]').length >= 400);
      await whole(opened, `full-facet-${view}`);
    });
    await context.test('the filter of repositories', async () => {
      await go('/access');
      await page.getByRole('button', { name: /^Repository/ }).click();
      await page.getByText(/more: search for them/).waitFor();
      await picture(page, `full-access-filter-${view}`);
      opened.watch.check('the filter of repositories');
    });
    await closePages();
  });
}
