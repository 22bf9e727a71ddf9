// The wizard from signing in to the first artifacts, and every card of its troubleshooting: the right code, the right
// words, and nothing stored.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { axe, closeBrowser, closePages, daysAhead, openPage, settled, startWorld } from './harness.mjs';

let world;
before(async () => (world = await startWorld()));
afterEach(closePages);
after(async () => {
  await closeBrowser();
  await world?.end();
});

const next = (page) => page.getByRole('button', { name: 'Next', exact: true }).click();

/** Goes to the step that probes, with this credential. */
async function probe(page, { email, token, expires = daysAhead(100).slice(0, 10) }) {
  await page.fill('#name', 'Acme');
  await next(page);
  await page.getByRole('heading', { name: 'Create the token' }).waitFor();
  await next(page);
  await page.fill('#email', email);
  await page.fill('#token', token);
  await page.fill('#expires', expires);
  await next(page);
  await page.getByRole('list', { name: 'Checks' }).waitFor();
}

test('from the key to the first artifacts', async () => {
  const { bitbucket, daemon } = world;
  const { page, watch, go } = await openPage(daemon, { signedIn: false });
  await go('/');
  await page.getByLabel('API key').fill(daemon.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Add a source' }).click();
  await probe(page, bitbucket);
  await page.locator('[data-valid=true]').waitFor();
  assert.deepEqual(await axe(page), []);
  await next(page);
  await page.getByRole('button', { name: 'Create and sync' }).click();
  await page.waitForURL(/\/ui\/syncs\/syn_/);
  await page.getByText('Succeeded').first().waitFor({ timeout: 90_000 });
  assert.ok(!(await page.content()).includes(bitbucket.token), 'the token is in no page');
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!kept.includes('ATATT') && !kept.includes('ev_'), 'nor in what the browser keeps');
  await page.getByRole('link', { name: 'Repository', exact: true }).first().click();
  await settled(page);
  await page.getByText(/6 artifacts/).first().waitFor();
  watch.check('the whole way');
  const { items } = await daemon.ask('GET', '/v1/sources');
  assert.deepEqual(items.map(({ name }) => name), ['Acme']);
});

const shapes = [
  { what: 'a user name', email: 'acme-auditor', token: 'ATATT3x'.padEnd(90, 'x'), says: /user name/ },
  { what: 'an app password', email: 'a@example.com', token: 'ATBBx'.padEnd(40, 'x'), says: /app password/ },
  { what: 'an access token', email: 'a@example.com', token: 'ATCTTx'.padEnd(90, 'x'), says: /access token/ },
  { what: 'half a token', email: 'a@example.com', token: 'ATATT3x', says: /too short/ },
];
for (const { what, email, token, says } of shapes) {
  test(`${what} is told before anybody is asked`, async () => {
    const { page, go, watch } = await openPage(world.daemon);
    await go('/sources/new');
    await page.fill('#name', 'Acme');
    await next(page);
    await next(page);
    await page.fill('#email', email);
    await page.fill('#token', token);
    await page.locator('#expires').focus();
    await page.getByText(says).waitFor();
    assert.ok(await page.getByRole('button', { name: 'Next', exact: true }).isDisabled());
    watch.check();
  });
}

const read = ['user', 'workspace', 'project', 'repository', 'pullrequest', 'pipeline'].map((name) => `read:${name}:bitbucket`);
const refusals = [
  { what: 'a token that Bitbucket refuses', code: /^credential\./, revoked: true, token: {} },
  { what: 'a token without the scope of repositories', code: /^credential\.scope_missing$/,
    token: { scopes: read.filter((scope) => !scope.includes('repository')) } },
  { what: 'an account without a workspace', code: /^credential\.reach_empty$/, token: { role: 'none' } },
];
for (const { what, code, token, revoked } of refusals) {
  test(`${what} is a card with its causes, and nothing is stored`, async () => {
    const { bitbucket, daemon } = world;
    const before = (await daemon.ask('GET', '/v1/sources')).items.length;
    const issued = await bitbucket.ask('POST', 'tokens', { email: 'other@example.com', person: 1, ...token });
    if (revoked) await bitbucket.ask('POST', `tokens/${issued.index}`, { revoked: true });
    const { page, go, watch } = await openPage(daemon);
    await go('/sources/new');
    await probe(page, { email: 'other@example.com', token: issued.token });
    await page.locator('[data-valid=false]').waitFor();
    const codes = await page.locator('[data-check][data-code]').evaluateAll((rows) => rows.map((row) => row.dataset.code));
    assert.ok(codes.some((each) => code.test(each)), `${codes.join(', ')} has ${code}`);
    assert.ok(await page.getByRole('button', { name: 'Next', exact: true }).isDisabled());
    assert.deepEqual(await axe(page), []);
    watch.check();
    assert.equal((await daemon.ask('GET', '/v1/sources')).items.length, before);
  });
}
