// Without a mouse: from signing in to the sync that runs, and the making of an API key. Everything is reached by Tab,
// whatever has the focus can be seen, dialogs keep it and give it back.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { closeBrowser, closePages, openPage, settled, startWorld } from './harness.mjs';
import { dayAhead } from './wizard_steps.mjs';

let world;
before(async () => {
  world = await startWorld({
    world: ['--people', '6', '--groups', '1', '--projects', '1', '--repositories', '3', '--pull-requests', '8'],
  });
});
afterEach(closePages);
after(async () => {
  await closeBrowser();
  await world?.end();
});

/** What has the focus: its name as a screen reader says it, more or less, and whether it can be seen. */
const focused = (page) =>
  page.evaluate(() => {
    const it = document.activeElement;
    if (it === null || it === document.body) return { name: '', seen: false, marked: false };
    const label = it.id === '' ? null : document.querySelector(`label[for="${CSS.escape(it.id)}"]`);
    const name = it.getAttribute('aria-label') ?? label?.textContent ?? it.textContent ?? '';
    const box = it.getBoundingClientRect();
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return {
      name: name.replace('*', '').trim(),
      seen: box.width > 0 && box.height > 0 && hit !== null && (it.contains(hit) || hit.contains(it)),
      marked: it.matches(':focus-visible'),
    };
  });

const most = 80;
/** Presses Tab until what has this name has the focus. */
async function tabTo(page, name) {
  for (let step = 0; step < most; ++step) {
    const now = await focused(page);
    if (now.name === name) {
      assert.ok(now.seen && now.marked, `${name} is seen when it has the focus`);
      return;
    }
    await page.keyboard.press('Tab');
  }
  assert.fail(`${name} is not reached by Tab`);
}

async function press(page, name, key = 'Enter') {
  await tabTo(page, name);
  await page.keyboard.press(key);
}

async function type(page, label, text) {
  await tabTo(page, label);
  await page.keyboard.type(text);
}

test('from signing in to the sync that runs', async () => {
  const { bitbucket, daemon } = world;
  const { page, watch, go } = await openPage(daemon, { signedIn: false });
  await go('/');
  await page.getByLabel('API key').waitFor();
  await type(page, 'API key', daemon.key);
  await page.keyboard.press('Enter');
  await page.getByText('No source yet').waitFor();
  await press(page, 'Add source');
  await settled(page);

  await type(page, 'Name of the source', 'By keyboard');
  await press(page, 'Next');
  await page.getByRole('heading', { name: 'Create the token' }).waitFor();
  await tabTo(page, 'Read-only (recommended)');
  await page.keyboard.press('ArrowDown');
  await press(page, 'Next');
  await page.getByRole('heading', { name: 'Paste it' }).waitFor();
  await type(page, 'E-mail of the Atlassian account', bitbucket.email);
  await type(page, 'API token', bitbucket.token);
  const [year, month, day] = dayAhead(100).split('-');
  await type(page, 'Expires on', `${month}${day}${year}`);
  assert.equal(await page.inputValue('#expires'), dayAhead(100));
  await press(page, 'Next');
  await page.locator('[data-valid=true]').waitFor();
  await press(page, 'Next');
  await page.getByRole('heading', { name: 'Schedule and reminders' }).waitFor();
  await tabTo(page, 'Sync');
  await page.keyboard.press('ArrowDown');
  await press(page, 'Create and sync');
  await page.waitForURL(/\/ui\/syncs\/syn_/);
  await page.getByText('Succeeded').first().waitFor({ timeout: 90_000 });
  const { items } = await daemon.ask('GET', '/v1/sources');
  assert.deepEqual(items.map(({ name }) => name), ['By keyboard']);
  watch.check();
});

test('an API key is made: the dialogs keep the focus and give it back', async () => {
  const { daemon } = world;
  const { page, watch, go } = await openPage(daemon);
  await go('/keys');
  await press(page, 'Create a key');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'key-name');
  const inside = () => dialog.evaluate((it) => it.contains(document.activeElement));
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let step = 0; step < 30; ++step) {
      await page.keyboard.press(key);
      assert.ok(await inside(), `${key} stays in the dialog`);
    }
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement?.textContent === 'Create a key');

  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'key-name');
  await page.keyboard.press('Enter');
  await page.getByText('A key needs a name.').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'key-name', 'the first error has the focus');
  await page.keyboard.type('For the auditor');
  await press(page, await firstRole(page), 'Space');
  await press(page, 'Create the key');
  await page.getByText('it is shown this once').waitFor();
  assert.ok(await inside(), 'what is shown once has the focus');
  const secret = /ev_[A-Za-z0-9_]+/.exec(await dialog.innerText())[0];
  await page.keyboard.press('Escape');
  assert.ok(await dialog.isVisible(), 'it does not go by a slip');
  await press(page, 'I have it');
  await dialog.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement?.textContent === 'Create a key');
  assert.ok(!(await page.content()).includes(secret), 'it is nowhere any more');
  const mine = await fetch(`${daemon.url}/v1/principal`, { headers: { authorization: `Bearer ${secret}` } });
  assert.equal((await mine.json()).name, 'For the auditor');
  watch.check();
});

/** The label of the first role that is not chosen. */
const firstRole = (page) =>
  page.evaluate(() => {
    const box = document.querySelector('input[id^="key-role-"]:not(:checked)');
    return document.querySelector(`label[for="${box.id}"]`).textContent.trim();
  });
