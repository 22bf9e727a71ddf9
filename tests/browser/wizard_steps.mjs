// The way through the wizard, for the tests that go it.
import assert from 'node:assert/strict';

import { daysAhead } from './harness.mjs';

export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const next = (page) => button(page, 'Next').click();

/** What a date field takes. */
export const dayAhead = (days) => daysAhead(days).slice(0, 10);

/** Names the source, and goes on to the step where the credential is pasted. */
export async function toPaste(page, name = 'Acme') {
  await page.fill('#name', name);
  await next(page);
  await page.getByRole('heading', { name: 'Create the token' }).waitFor();
  await next(page);
  await page.getByRole('heading', { name: 'Paste it' }).waitFor();
}

export async function paste(page, { email, token, expires = dayAhead(100) }) {
  await page.fill('#email', email);
  await page.fill('#token', token);
  await page.fill('#expires', expires);
}

/** Goes to the step that probes, with this credential, and waits for what Bitbucket says to it. */
export async function probe(page, credential) {
  await toPaste(page);
  await paste(page, credential);
  await next(page);
  await page.getByRole('list', { name: 'Checks' }).waitFor();
}

/** The codes of all checks that did not pass. */
export const codesOf = (page) =>
  page.locator('[data-check][data-code]').evaluateAll((rows) => rows.map((row) => row.dataset.code));

/** The probe has refused, for this reason and in these words, and leads nowhere. */
export async function refused(page, code, says) {
  await page.locator('[data-valid=false]').waitFor();
  assert.ok((await codesOf(page)).includes(code), `${(await codesOf(page)).join(', ')} has ${code}`);
  assert.match(await page.getByRole('main').innerText(), says);
  assert.ok(await button(page, 'Next').isDisabled());
}

/** What the API says to the same: the code of the check that failed, or of the whole answer. */
export async function codeOfApi(daemon, { email, token, expires_at = daysAhead(100) }) {
  const answer = await fetch(`${daemon.url}/v1/sources?validate_only=true`, {
    method: 'POST',
    headers: { authorization: `Bearer ${daemon.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      kind: 'bitbucket_cloud',
      name: 'Acme',
      credential: { type: 'atlassian_api_token', email, token, expires_at },
      workspaces: 'all',
    }),
  });
  const body = await answer.json();
  return body.code ?? body.checks.find(({ status }) => status === 'failed')?.code;
}

/** Runs `body`; whatever it does, no source is there after it that was not there before, and the log tells no token. */
export async function storingNothing(daemon, token, body) {
  const names = async () => (await daemon.ask('GET', '/v1/sources')).items.map(({ id }) => id);
  const before = await names();
  await body();
  assert.deepEqual(await names(), before);
  assert.ok(!daemon.log.includes(token), 'the log does not tell the token');
}
