// What the tests of the console stand on: the real daemon, the simulated Bitbucket over TLS, and Debian's Chromium. All
// of a test lives below one temporary folder and is gone after it. The build folder comes from EVIDENCED_BUILD.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = createRequire(join(here, '../../console/package.json'));
const { chromium } = packages('playwright-core');
const axeSource = readFileSync(packages.resolve('axe-core/axe.min.js'), 'utf8');

export const build = resolve(process.env.EVIDENCED_BUILD ?? join(here, '../../build/dev'));
export const pictures = join(build, 'screenshots');

/** Polls until `check` gives something true. */
export async function until(what, check, seconds = 90) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

function ended(child) {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((done) => child.once('exit', done));
}

async function stopped(child, signal = 'SIGTERM') {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  await ended(child);
}

function tryRead(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** The simulated Bitbucket. `ask` uses its controls (tests/simulator/control.hpp). */
export class Bitbucket {
  static async start(folder, { arguments: more = [], profile = 'control' } = {}) {
    const bitbucket = new Bitbucket();
    mkdirSync(folder, { recursive: true });
    bitbucket.email = 'auditor@example.com';
    bitbucket.token = `ATATT3xFfGF0${'Simulated0Token0'.repeat(6)}`;
    writeFileSync(join(folder, 'token'), bitbucket.token, { mode: 0o600 });
    bitbucket.child = spawn(
      join(build, 'bitbucket-sim'),
      ['--dir', folder, '--port-file', join(folder, 'port'), '--email', bitbucket.email, '--token-file',
       join(folder, 'token'), '--limit', '0', '--seed', '11', '--profile', profile, ...more],
      { stdio: 'ignore' },
    );
    bitbucket.port = await until('the simulator', () => tryRead(join(folder, 'port')));
    bitbucket.ca = join(folder, 'ca.pem');
    bitbucket.url = `https://127.0.0.1:${bitbucket.port}`;
    return bitbucket;
  }

  /** An answer of the controls, parsed. */
  ask(method, path, body) {
    return new Promise((done, failed) => {
      const asking = request(
        `${this.url}/_sim/${path}`,
        { method, ca: readFileSync(this.ca) },
        (answer) => {
          let text = '';
          answer.on('data', (piece) => (text += piece));
          answer.on('end', () =>
            answer.statusCode < 300 ? done(text === '' ? null : JSON.parse(text)) : failed(new Error(text)),
          );
        },
      );
      asking.on('error', failed);
      asking.end(body === undefined ? '' : JSON.stringify(body));
    });
  }

  stop() {
    return stopped(this.child);
  }
}

/** The daemon, initialised and serving. */
export class Daemon {
  static async start(folder, bitbucket, settings = {}) {
    const daemon = new Daemon();
    daemon.folder = folder;
    daemon.config = join(folder, 'evidenced.toml');
    const init = spawn(join(build, 'evidenced'), ['init', '--config', daemon.config, '--state', join(folder, 'state')]);
    let text = '';
    init.stdout.on('data', (piece) => (text += piece));
    await new Promise((done) => init.once('close', done));
    daemon.key = /ev_[A-Za-z0-9_]+/.exec(text)?.[0];
    assert.ok(daemon.key, 'init prints the first key');
    const changed = { base_url: `"${bitbucket.url}"`, ca_file: `"${bitbucket.ca}"`, requests_per_hour: 100000, ...settings };
    let config = readFileSync(daemon.config, 'utf8');
    for (const name of [...Object.keys(changed), 'listen']) {
      config = config.replace(new RegExp(`^${name} *=.*\n`, 'm'), '');
    }
    const lines = Object.entries(changed).map(([name, value]) => `${name} = ${value}\n`).join('');
    config = config.replace('[connector]\n', `[connector]\n${lines}`);
    daemon.settings = config;
    await daemon.serve(0);
    return daemon;
  }

  /** Starts to serve, at the port that it had before if it had one. */
  async serve(port = this.port) {
    const listen = this.settings.replace('[server]\n', `[server]\nlisten = "127.0.0.1:${port}"\n`);
    writeFileSync(this.config, listen);
    this.log = '';
    this.child = spawn(join(build, 'evidenced'), ['serve', '--config', this.config]);
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (piece) => (this.log += piece));
    this.port = await until('the daemon', () => /127\.0\.0\.1:(\d+)/.exec(this.log)?.[1]);
    this.url = `http://127.0.0.1:${this.port}`;
    await until('/readyz', () => fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false));
  }

  async ask(method, path, body, headers = {}) {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return /json/.test(answer.headers.get('content-type') ?? '') && text !== '' ? JSON.parse(text) : text;
  }

  async register(bitbucket, more = {}) {
    const { email, token } = bitbucket;
    return this.ask('POST', '/v1/sources', {
      kind: 'bitbucket_cloud',
      name: 'Acme',
      credential: { type: 'atlassian_api_token', email, token, expires_at: daysAhead(200) },
      workspaces: 'all',
      ...more,
    });
  }

  async synced(source) {
    return until('the sync', async () => {
      const { items } = await this.ask('GET', `/v1/syncs?source=${source}&limit=1`);
      return items[0]?.state === 'done' && items[0];
    });
  }

  async link() {
    return (await this.ask('POST', '/v1/sign-in-links')).url;
  }

  stop(signal) {
    return stopped(this.child, signal);
  }
}

export const daysAhead = (days) => new Date(Date.now() + days * 86_400_000).toISOString();

/** A temporary folder with a small Bitbucket and a daemon in it. */
export async function startWorld(options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'evidenced-browser.'));
  const small = ['--people', '12', '--groups', '3', '--projects', '2', '--repositories', '6', '--pull-requests', '90'];
  const bitbucket = await Bitbucket.start(join(folder, 'sim'), { arguments: options.world ?? small, ...options });
  const daemon = await Daemon.start(folder, bitbucket, options.settings);
  return {
    folder,
    bitbucket,
    daemon,
    async end() {
      await daemon.stop();
      await bitbucket.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let browser;
/** One browser for all pages of a test file; `closeBrowser` ends it. */
async function openBrowser() {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  return browser;
}

/** Closes what a test opened: a key may have eight streams of events, and every window has one. */
export async function closePages() {
  for (const context of browser?.contexts() ?? []) await context.close();
}

export async function closeBrowser() {
  await browser?.close();
  browser = undefined;
}

/** What a page did that it must not do: errors on the console, reports of the CSP, requests to another host. */
export class Watch {
  constructor(page, origin) {
    this.wrong = [];
    this.forgiven = [];
    page.on('console', (message) => {
      if (message.type() === 'error') this.note(`console: ${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => this.note(`error: ${error.message}`));
    page.on('request', (asked) => {
      const url = new URL(asked.url());
      if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== origin) this.note(`another host: ${url.href}`);
    });
  }

  /** From now on what matches is expected: a test that stops the daemon sees connections fail. */
  forgive(pattern) {
    this.forgiven.push(pattern);
  }

  note(text) {
    if (!this.forgiven.some((pattern) => pattern.test(text))) this.wrong.push(text);
  }

  check(page = '') {
    assert.deepEqual(this.wrong, [], `on ${page}`);
  }
}

/** A window of a fresh browser profile, watched; signed in unless `signedIn` is false. */
export async function openPage(daemon, { scheme = 'light', width = 1280, height = 900, signedIn = true } = {}) {
  const context = await (await openBrowser()).newContext({
    colorScheme: scheme,
    viewport: { width, height },
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const watch = new Watch(page, daemon.url);
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`),
    ),
  );
  if (signedIn) {
    await page.goto(await daemon.link());
    await page.waitForSelector('#page-title');
  }
  return { page, context, watch, go: (path) => go(page, daemon, path) };
}

/** Goes to a page of the console and waits until it has come to rest. */
async function go(page, daemon, path) {
  await page.goto(`${daemon.url}/ui${path}`);
  await settled(page);
}

/** Waits until nothing loads any more. */
export async function settled(page) {
  await page.waitForSelector('h1');
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
  await page.evaluate(() => document.fonts.ready);
}

/** The violations that axe finds on the page as it is, a line each. */
export async function axe(page) {
  const found = await page.evaluate(
    `${axeSource}; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.map(({ id, nodes }) =>
        id + ': ' + nodes.slice(0, 3).map((node) => node.target.join(' ') + ' ' + node.html.slice(0, 160)).join(' | ')))`,
  );
  return found;
}

/** By how much the page, or what scrolls in it, is wider than the window: nobody finds what lies there. */
export function tooWide(page) {
  return page.evaluate(() =>
    ['html', '.pf-v6-c-page__main-container', '.pf-v6-c-page__main']
      .map((selector) => document.querySelector(selector))
      .filter((each) => each !== null)
      .reduce((most, each) => Math.max(most, each.scrollWidth - each.clientWidth), 0),
  );
}

const tallest = 2400;

/** Keeps a picture below the build folder: all of the page, which scrolls within its window, up to a height. */
export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  const window = page.viewportSize();
  const hidden = await page.evaluate(() => {
    const scrolling = [...document.querySelectorAll('.pf-v6-c-page__main-container, .pf-v6-c-page__main')];
    return Math.max(0, ...scrolling.map((each) => each.scrollHeight - each.clientHeight));
  });
  if (hidden > 0) await page.setViewportSize({ ...window, height: Math.min(tallest, window.height + hidden) });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
  if (hidden > 0) await page.setViewportSize(window);
}
