// Every page of the console as `./dev demo` fills it: nothing wrong on its console, no report of the CSP, no other host,
// nothing that axe finds, in both themes; usable at 320 px; pictures of all of it below the build folder.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { axe, build, closeBrowser, openPage, picture, tooWide } from './harness.mjs';

const here = dirname(fileURLToPath(import.meta.url));
let demo;
let daemon;
let ids;

/** The demo itself; what it prints at its end says where the console is. */
async function startDemo() {
  demo = spawn(join(here, '../demo/demo.sh'), { env: { ...process.env, BUILD: build }, detached: true });
  let text = '';
  const url = await new Promise((done, failed) => {
    for (const stream of [demo.stdout, demo.stderr]) {
      stream.on('data', (piece) => {
        text += piece;
        const found = /EVIDENCED_URL=(\S+) EVIDENCED_API_KEY_FILE=(\S+)/.exec(text);
        if (found) done({ url: found[1], keyFile: found[2] });
      });
    }
    demo.once('exit', () => failed(new Error(text.slice(-3000))));
  });
  const { readFileSync } = await import('node:fs');
  const key = readFileSync(url.keyFile, 'utf8').trim();
  const ask = async (method, path) => {
    const answer = await fetch(`${url.url}${path}`, { method, headers: { authorization: `Bearer ${key}` } });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  };
  return { url: url.url, ask, link: async () => (await ask('POST', '/v1/sign-in-links')).url };
}

before(async () => {
  daemon = await startDemo();
  const { items } = await daemon.ask('GET', '/v1/sources');
  const named = (name) => items.find((source) => source.name === name).id;
  const syncs = (await daemon.ask('GET', `/v1/syncs?source=${named('Acme')}&limit=20`)).items;
  const partial = syncs.find(({ result }) => result === 'partial');
  assert.ok(partial, 'a sync of the demo is partial');
  const one = async (kind) => (await daemon.ask('GET', `/v1/artifacts?kind=${kind}&limit=1`)).items[0].id;
  ids = { acme: named('Acme'), dead: named('Legacy archive'), audit: named('Audit, read-only'),
          sync: syncs[0].id, partial: partial.id,
          repository: await one('repository'), change: await one('pull_request') };
});
after(async () => {
  await closeBrowser();
  if (demo?.exitCode === null) {
    const gone = new Promise((done) => demo.once('exit', done));
    process.kill(-demo.pid, 'SIGTERM');
    await gone;
  }
});

const pages = [
  ['overview', () => '/'],
  ['sources', () => '/sources'],
  ['sources-filtered-out', () => '/sources?name=nothing-is-called-so'],
  ['wizard', () => '/sources/new'],
  ['source', () => `/sources/${ids.acme}`],
  ['source-syncs', () => `/sources/${ids.acme}/syncs`],
  ['source-coverage', () => `/sources/${ids.audit}/coverage`],
  ['source-credential', () => `/sources/${ids.acme}/credential`],
  ['source-settings', () => `/sources/${ids.acme}/settings`],
  ['source-dead-token', () => `/sources/${ids.dead}`],
  ['syncs', () => '/syncs'],
  ['sync', () => `/syncs/${ids.sync}`],
  ['sync-partial', () => `/syncs/${ids.partial}`],
  ['artifacts', () => '/artifacts'],
  ['artifacts-of-a-kind', () => '/artifacts?kind=pull_request&state=MERGED'],
  ['artifact', () => `/artifacts/${ids.change}`],
  ['artifact-related', () => `/artifacts/${ids.repository}/related`],
  ['artifact-history', () => `/artifacts/${ids.change}/history`],
  ['artifact-raw', () => `/artifacts/${ids.change}/raw`],
  ['artifact-provenance', () => `/artifacts/${ids.change}/provenance`],
  ['access', () => '/access'],
  ['access-list', () => '/access?view=list'],
  ['changes', () => '/changes'],
  ['events', () => '/events'],
  ['keys', () => '/keys'],
  ['about', () => '/about'],
  ['not-found', () => '/there-is-no-such-page'],
];

for (const scheme of ['light', 'dark']) {
  test(`every page is whole, ${scheme}`, async (context) => {
    const { page, watch, go } = await openPage(daemon, { scheme });
    for (const [name, path] of pages) {
      await context.test(name, async () => {
        await go(path());
        watch.check(name);
        await picture(page, `${name}-${scheme}`);
        assert.equal(await tooWide(page), 0, `${name} is too wide`);
        assert.deepEqual(await axe(page), [], name);
      });
    }
  });
}

test('every page can be used at 320 px', async (context) => {
  const { page, watch, go } = await openPage(daemon, { width: 320, height: 700 });
  for (const [name, path] of pages) {
    await context.test(name, async () => {
      await go(path());
      await picture(page, `${name}-narrow`);
      assert.equal(await tooWide(page), 0, `${name} is too wide`);
      watch.check(name);
    });
  }
});

test('the way in', async () => {
  for (const scheme of ['light', 'dark']) {
    const { page, watch, go } = await openPage(daemon, { scheme, signedIn: false });
    await go('/sources');
    await page.getByLabel('API key').waitFor();
    await picture(page, `sign-in-${scheme}`);
    assert.deepEqual(await axe(page), []);
    watch.check('sign-in');
  }
});
