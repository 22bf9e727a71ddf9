// What goes wrong when a source is added, case by case as the setup page of the reference has it: the code of the
// catalogue, the words that help, nothing stored; and the way out of each that has one.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { axe, closeBrowser, closePages, Daemon, daysAhead, openPage, startWorld } from './harness.mjs';
import {
  button, codeOfApi, codesOf, dayAhead, next, paste, probe, refused, storingNothing, toPaste,
} from './wizard_steps.mjs';

const read = ['user', 'workspace', 'project', 'repository', 'pullrequest', 'pipeline', 'permission', 'webhook', 'runner']
  .map((name) => `read:${name}:bitbucket`);

let world;
let slugs;
before(async () => {
  world = await startWorld({
    world: ['--workspaces', '2', '--people', '8', '--groups', '1', '--projects', '1', '--repositories', '2',
            '--pull-requests', '6'],
  });
  slugs = [...new Set((await world.bitbucket.ask('GET', 'repositories')).map(({ workspace }) => workspace))];
  assert.equal(slugs.length, 2);
});
afterEach(closePages);
after(async () => {
  await closeBrowser();
  await world?.end();
});

let people = 0;
/** A token of an account of its own. */
async function issue(options = {}) {
  people += 1;
  return world.bitbucket.ask('POST', 'tokens', { email: `person${people}@example.com`, person: 1 + (people % 4), ...options });
}
const changeToken = ({ index }, change) => world.bitbucket.ask('POST', `tokens/${index}`, change);

const dead = /Bitbucket rejected|Bitbucket answered/;
const refusals = [
  { what: 'a token that was revoked', revoked: true, code: 'credential.token_rejected', says: dead },
  { what: 'a token that has expired', token: { expires: daysAhead(-1) }, code: 'credential.token_rejected', says: dead },
  { what: 'a token made without scopes', token: { kind: 'unscoped_api_token' }, code: 'credential.token_rejected',
    says: /made without scopes.*the same list/s },
  { what: 'the e-mail of somebody else', email: 'nobody@example.com', code: 'credential.token_rejected',
    says: /not that of the account the token belongs to: compare it/ },
];
for (const { what, token, revoked, email, code, says } of refusals) {
  test(`401, ${what}: causes by likelihood, each with what tells it from the others`, async () => {
    const { daemon } = world;
    const issued = await issue(token);
    if (revoked) await changeToken(issued, { revoked });
    await storingNothing(daemon, issued.token, async () => {
      const { page, watch, go } = await openPage(daemon);
      await go('/sources/new');
      await probe(page, { ...issued, ...(email && { email }) });
      await refused(page, code, says);
      const causes = page.getByRole('list').filter({ hasText: 'likely:' });
      const likelihoods = await causes.getByRole('listitem').locator('strong').allInnerTexts();
      assert.deepEqual(likelihoods, ['likely:', 'likely:', 'possible:', 'unlikely:']);
      watch.check();
    });
  });
}

test('a token without the scope of repositories: which one to add is said', async () => {
  const { daemon } = world;
  const issued = await issue({ scopes: read.filter((scope) => !scope.includes('repository')) });
  await storingNothing(daemon, issued.token, async () => {
    const { page, watch, go } = await openPage(daemon);
    await go('/sources/new');
    await probe(page, issued);
    await refused(page, 'credential.scope_missing', /read:repository:bitbucket/);
    assert.deepEqual(await axe(page), []);
    watch.check();
  });
});

test('a workspace that is missing: whom to add is said, and probing again finds it', async () => {
  const { daemon } = world;
  const [seen, hidden] = slugs;
  const issued = await issue({ roles: { [seen]: 'admin' }, role: 'none' });
  const { page, watch, go } = await openPage(daemon);
  await go('/sources/new');
  await probe(page, issued);
  await page.locator('[data-valid=true]').waitFor();
  await page.locator(`#workspace-${seen}`).waitFor();
  assert.equal(await page.locator(`#workspace-${hidden}`).count(), 0);
  assert.match(await page.locator('#workspaces-help').innerText(), /not listed\? Add .+ to it as a member, then probe again/);
  await changeToken(issued, { role: 'admin' });
  await button(page, 'Probe again').click();
  await page.locator(`#workspace-${hidden}`).waitFor();
  assert.deepEqual(await axe(page), []);
  watch.check();
});

test('no workspace at all: refused, then found by probing again', async () => {
  const { daemon } = world;
  const issued = await issue({ role: 'none' });
  await storingNothing(daemon, issued.token, async () => {
    const { page, watch, go } = await openPage(daemon);
    await go('/sources/new');
    await probe(page, issued);
    await refused(page, 'credential.reach_empty', /not listed\? Add .+ to it as a member/);
    await changeToken(issued, { role: 'admin' });
    await button(page, 'Probe again').click();
    await page.locator('[data-valid=true]').waitFor();
    assert.ok(await button(page, 'Next').isEnabled());
    watch.check();
  });
});

test('workspaces are chosen one by one, and those alone are covered', async () => {
  const { daemon } = world;
  const [first, second] = slugs;
  const issued = await issue({ role: 'admin' });
  const { page, watch, go } = await openPage(daemon);
  await go('/sources/new');
  await probe(page, issued);
  await page.getByLabel('All that the account sees').uncheck();
  await page.locator(`#workspace-${second}`).uncheck();
  assert.ok(await page.locator(`#workspace-${first}`).isChecked());
  await next(page);
  await page.getByLabel('Start the first sync at once').uncheck();
  await button(page, 'Create').click();
  await page.waitForURL(/\/ui\/sources\/src_/);
  const id = page.url().split('/').at(-1);
  const source = await daemon.ask('GET', `/v1/sources/${id}`);
  assert.deepEqual(source.workspaces, [first]);
  await daemon.ask('DELETE', `/v1/sources/${id}`);
  watch.check();
});

test('scopes that write are a warning when the token is probed, and where its source shows it', async () => {
  const { bitbucket, daemon } = world;
  const issued = await issue({ scopes: [...read, 'write:repository:bitbucket'] });
  const { page, watch, go } = await openPage(daemon);
  await go('/sources/new');
  await probe(page, issued);
  await page.locator('[data-valid=true]').waitFor();
  assert.deepEqual(await codesOf(page), ['credential.overprivileged']);
  const check = page.locator('[data-code="credential.overprivileged"]');
  assert.match(await check.innerText(), /write:repository:bitbucket[^]*read scopes only: evidenced never writes/);
  assert.ok(await button(page, 'Next').isEnabled(), 'it is a warning, no refusal');
  const source = await daemon.register(issued, { start_sync: false });
  await go(`/sources/${source.id}/credential`);
  await button(page, 'Test now').click();
  await check.waitFor();
  await page.getByText(/write:repository:bitbucket/).first().waitFor();
  await daemon.ask('DELETE', `/v1/sources/${source.id}`);
  assert.ok((await bitbucket.ask('GET', 'status')).requests > 0);
  watch.check();
});

const shapes = [
  { what: 'a user name', email: 'acme-auditor', code: 'credential.username_not_email', says: /not the user name/ },
  { what: 'an app password', token: 'ATBBx'.padEnd(40, 'x'), code: 'credential.app_password', says: /28 July 2026/ },
  { what: 'an access token', token: 'ATCTTx'.padEnd(90, 'x'), code: 'credential.access_token_unsupported',
    says: /API token of an account/ },
  { what: 'half a token', token: 'ATATT3x', code: 'credential.token_malformed', says: /too short: copy all/ },
  { what: 'a password', token: 'correct horse'.replace(' ', '-'), code: 'credential.password_suspected',
    says: /Bitbucket takes no passwords/ },
  { what: 'two words', token: 'ATATT'.padEnd(60, 'x').replace('xx', 'x:'), code: 'credential.token_malformed',
    says: /colon in it: copy the token again/ },
  { what: 'an expiry beyond a year', expires: 400, code: 'credential.expiry_too_far', says: /365 days at most/ },
  { what: 'an expiry that has passed', expires: -2, code: 'credential.expiry_past', says: /has passed/ },
];
test('what can be seen without asking anybody is said at once, and the API says the same', async () => {
  const { bitbucket, daemon } = world;
  const { page, watch, go } = await openPage(daemon);
  await go('/sources/new');
  await toPaste(page);
  const good = { email: 'a@example.com', token: 'ATATT3x'.padEnd(90, 'x') };
  await bitbucket.ask('DELETE', 'requests');
  for (const { what, code, says, expires = 100, ...wrong } of shapes) {
    await paste(page, { ...good, ...wrong, expires: dayAhead(expires) });
    await page.locator('#email').focus();
    const words = page.locator(`[data-code="${code}"]`);
    assert.match(await words.innerText(), says, what);
    assert.ok(await button(page, 'Next').isDisabled(), what);
    const field = page.locator('[aria-invalid=true]');
    assert.equal(await field.count(), 1, what);
    const told = await field.getAttribute('aria-describedby');
    assert.match(await page.locator(`#${told}`).innerText(), says, `${what}: the field itself says it`);
    assert.equal(await codeOfApi(daemon, { ...good, ...wrong, expires_at: daysAhead(expires) }), code, what);
  }
  assert.equal((await bitbucket.ask('GET', 'status')).requests, 0, 'nobody was asked');
  await paste(page, good);
  assert.ok(await button(page, 'Next').isEnabled());
  watch.check();
});

test('an app password leads back to how a token is created', async () => {
  const { page, watch, go } = await openPage(world.daemon);
  await go('/sources/new');
  await toPaste(page);
  await page.fill('#token', 'ATBBx'.padEnd(40, 'x'));
  await button(page, 'How an API token is created').click();
  await page.getByRole('heading', { name: 'Create the token' }).waitFor();
  watch.check();
});

const farAway = [
  { what: 'a name that does not resolve', settings: { base_url: '"https://bitbucket.invalid"' }, code: 'upstream.dns',
    says: /Check DNS on this machine/ },
  { what: 'nobody who answers', settings: { base_url: '"https://127.0.0.1:1"' }, code: 'upstream.connect',
    says: /Check the network of this machine/ },
  { what: 'a certificate that nobody vouches for', settings: { ca_file: '""' }, code: 'upstream.tls_untrusted',
    says: /connector\.ca_file; nothing was sent/ },
];
for (const { what, settings, code, says } of farAway) {
  test(`Bitbucket is not reached: ${what}`, async () => {
    const daemon = await Daemon.start(join(world.folder, code), world.bitbucket, settings);
    try {
      const issued = await issue();
      await storingNothing(daemon, issued.token, async () => {
        const { page, watch, go } = await openPage(daemon);
        await go('/sources/new');
        await probe(page, issued);
        await refused(page, code, says);
        assert.match(await page.getByRole('main').innerText(), /Bitbucket could not be asked: nothing is stored/);
        watch.check();
      });
    } finally {
      await daemon.stop();
    }
  });
}

test('a token that has expired: the source says so, and Rotate brings it back without losing anything', async () => {
  const { bitbucket, daemon } = world;
  const person = 7;
  const issued = await issue({ person });
  const source = await daemon.register(issued);
  await daemon.synced(source.id);
  const count = async () => (await daemon.ask('GET', `/v1/sources/${source.id}`)).artifacts_total;
  const collected = await count();
  const fingerprint = async () => (await daemon.ask('GET', `/v1/sources/${source.id}/credential`)).fingerprint;
  const old = await fingerprint();
  await changeToken(issued, { revoked: true });
  const { page, watch, go } = await openPage(daemon);
  await go(`/sources/${source.id}/credential`);
  await button(page, 'Test now').click();
  const says = page.locator('[data-code="credential.expired_or_revoked"]');
  await says.waitFor();
  assert.match(await says.innerText(), /Create a new API token with scopes[^]*source rotate[^]*What was collected is kept/);
  await button(page, 'Rotate…').click();
  const dialog = page.getByRole('dialog');

  watch.forgive(/status of 422/);
  const stranger = await issue({ person: 6 });
  await paste(page, stranger);
  await button(page, 'Try and replace').click();
  await dialog.locator('[data-code="credential.account_mismatch"]').waitFor();
  assert.match(await dialog.innerText(), /old token is still in place[^]*token of the same account/);
  const narrow = await bitbucket.ask('POST', 'tokens', {
    email: issued.email, person, roles: { [slugs[0]]: 'admin' }, role: 'none',
  });
  await paste(page, narrow);
  await button(page, 'Try and replace').click();
  await dialog.locator('[data-code="credential.reach_reduced"]').waitFor();
  assert.equal(await fingerprint(), old);

  const fresh = await bitbucket.ask('POST', 'tokens', { email: issued.email, person });
  await paste(page, fresh);
  await button(page, 'Try and replace').click();
  await dialog.waitFor({ state: 'detached' });
  assert.notEqual(await fingerprint(), old);
  await button(page, 'Test now').click();
  await page.locator('[data-valid=true]').waitFor();
  assert.equal(await count(), collected);
  assert.ok(!(await page.content()).includes(fresh.token));
  await daemon.ask('DELETE', `/v1/sources/${source.id}`);
  watch.check();
});
