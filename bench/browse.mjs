// Measures the list of artifacts of a running daemon in Debian's Chromium and holds it against what is promised. The
// daemon comes from EVIDENCED_URL, an admin's key from standard input (console_bench.cpp).
import { readFileSync } from 'node:fs';

import { closeBrowser, closePages, openPage } from '../tests/browser/harness.mjs';

const url = process.env.EVIDENCED_URL;
const key = readFileSync(0, 'utf8');
const daemon = {
  url,
  async link() {
    const answer = await fetch(`${url}/v1/sign-in-links`, { method: 'POST', headers: { authorization: `Bearer ${key}` } });
    return (await answer.json()).url;
  },
};

let kept = true;
/** Prints a figure and its bar. */
function hold(what, value, unit, bar) {
  const ok = value <= bar;
  kept &&= ok;
  console.log(`${what.padEnd(46)} ${value.toFixed(0).padStart(6)} ${unit} (at most ${bar}) ${ok ? 'ok' : 'MISSED'}`);
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Rows are there, nothing loads, facets can be clicked. */
const ready = () =>
  document.querySelector('[role=grid] [role=rowheader]') !== null &&
  document.querySelector('.ev-facet input[type=checkbox]') !== null &&
  document.querySelector('[aria-busy="true"]') === null;

/** From asking for the page with nothing in the browser's cache. */
async function firstList() {
  const { page } = await openPage(daemon);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.goto('about:blank');
  const begin = performance.now();
  await page.goto(`${url}/ui/artifacts`, { waitUntil: 'commit' });
  await page.waitForFunction(ready, undefined, { polling: 'raf' });
  const took = performance.now() - begin;
  await closePages();
  return took;
}

/**
 * From the click on a facet's value until its rows and its counts are there, measured in the page: the time that the
 * test's own way to the browser takes is not the user's.
 */
async function facet(page, group, value) {
  return page.evaluate(
    async ([title, label]) => {
      const box = [...document.querySelectorAll(`[role=group][aria-label="${title}"] input`)].find((input) =>
        document.querySelector(`label[for="${CSS.escape(input.id)}"]`)?.textContent.startsWith(label),
      );
      if (box === undefined) throw new Error(`no ${label} in ${title}`);
      const counted = () => document.querySelector('h1')?.parentElement?.parentElement?.textContent ?? '';
      const settled = () =>
        document.querySelector('[role=grid] [role=rowheader]') !== null &&
        document.querySelector('[aria-busy="true"]') === null &&
        !counted().includes('Counting');
      const before = document.querySelector('[role=grid]');
      const begin = performance.now();
      box.click();
      for (;;) {
        await new Promise((done) => requestAnimationFrame(done));
        if (document.querySelector('[role=grid]') !== before && settled()) return performance.now() - begin;
        if (performance.now() - begin > 30_000) throw new Error(`${label} took more than 30 s`);
      }
    },
    [group, value],
  );
}

/** MiB that the process of the page has for itself alone, and its script's heap. */
async function memory(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const browser = await page.context().browser().newBrowserCDPSession();
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  const own = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))
    .map((text) => [...text.matchAll(/^Private_\w+: +(\d+) kB/gm)].reduce((sum, [, kB]) => sum + Number(kB), 0));
  return { heap: usedSize / 2 ** 20, process: Math.max(...own) / 1024 };
}

/**
 * Scrolls on as a wheel does for so many steps: the milliseconds between frames, the most nodes there were, and the row
 * where it ended.
 */
async function scroll(page, steps) {
  return page.evaluate(async (times) => {
    const grid = document.querySelector('[role=grid]');
    const frames = [];
    let nodes = 0;
    let last = performance.now();
    for (let step = 0; step < times; ++step) {
      grid.scrollBy(0, 400);
      await new Promise((done) => requestAnimationFrame(done));
      frames.push(performance.now() - last);
      last = performance.now();
      nodes = Math.max(nodes, document.querySelectorAll('*').length);
    }
    const rows = [...grid.querySelectorAll('[role=row]')].map((row) => Number(row.getAttribute('aria-rowindex')));
    return { frames, nodes, row: Math.max(...rows) };
  }, steps);
}

const lists = [];
for (let round = 0; round < 5; ++round) lists.push(await firstList());
hold('list can be used, cold cache (median of 5)', median(lists), 'ms', 1000);

const { page } = await openPage(daemon);
await page.goto(`${url}/ui/artifacts`);
await page.waitForFunction(ready, undefined, { polling: 'raf' });
const clicks = [
  ['Kind', 'Commit'],
  ['Kind', 'Pull request'],
  ['Workspace', 'acme'],
  ['State', 'Open'],
  ['State', 'Merged'],
  ['Kind', 'Commit'],
];
for (const [group, value] of clicks) hold(`facet: ${group} ${value}`, await facet(page, group, value), 'ms', 500);

await page.goto(`${url}/ui/artifacts`);
await page.waitForFunction(ready, undefined, { polling: 'raf' });
const { frames, nodes, row } = await scroll(page, 1500);
if (row < 5000) throw new Error(`scrolling came to row ${row} only`);
console.log(`scrolled to row ${row}`);

hold('scrolling: between two frames, median', median(frames), 'ms', 50);
hold('scrolling: the longest', Math.max(...frames), 'ms', 250);
hold('scrolling: nodes in the document', nodes, '', 5000);
await new Promise((done) => setTimeout(done, 1000));
const used = await memory(page);
hold("memory of the page's process", used.process, 'MiB', 150);
hold("of which the script's heap", used.heap, 'MiB', 150);
await closeBrowser();
process.exit(kept ? 0 : 1);
