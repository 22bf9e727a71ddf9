// pack.mjs DIR: puts .br and .gz beside each built file, writes manifest.tsv (path, type, SHA-256, whether the name has
// the content's hash), and fails when the console has grown beyond its budgets.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dir = process.argv[2];
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};
const KiB = 1024;
const budgets = { script: 200 * KiB, style: 35 * KiB, route: 40 * KiB, all: 3 * KiB * KiB };

const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

function pack(file) {
  const bytes = readFileSync(file);
  const type = types[extname(file)];
  if (type === undefined) throw new Error(`${file}: of no known type`);
  const packed = { br: brotli(bytes), gz: gzipSync(bytes, { level: 9 }) };
  for (const [ending, content] of Object.entries(packed)) writeFileSync(`${file}.${ending}`, content);
  return {
    path: relative(dir, file).replaceAll('\\', '/'),
    type,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    br: packed.br.length,
    // A packed form that is not smaller is not embedded.
    all: [packed.br, packed.gz].reduce((sum, form) => sum + (form.length < bytes.length ? form.length : 0), bytes.length),
  };
}

rmSync(join(dir, 'manifest.tsv'), { force: true });
const assets = filesIn(dir)
  .filter((file) => !/\.(br|gz)$/.test(file))
  .sort()
  .map(pack);
const lines = assets.map(({ path, type, sha256 }) => [path, type, sha256, path.startsWith('assets/') ? 1 : 0].join('\t'));
writeFileSync(join(dir, 'manifest.tsv'), `${lines.join('\n')}\n`);

// The first load: what index.html names.
const html = readFileSync(join(dir, 'index.html'), 'utf8');
const first = (ending) =>
  assets.filter(({ path }) => path.endsWith(ending) && html.includes(path)).reduce((sum, { br }) => sum + br, 0);
const largest = assets
  .filter(({ path }) => path.endsWith('.js') && !html.includes(path))
  .reduce((most, { br }) => Math.max(most, br), 0);
const used = {
  script: first('.js'),
  style: first('.css'),
  route: largest,
  all: assets.reduce((sum, { all }) => sum + all, 0),
};
const over = Object.keys(budgets).filter((name) => used[name] > budgets[name]);
const text = Object.keys(budgets)
  .map((name) => `${name} ${(used[name] / KiB).toFixed(1)} of ${budgets[name] / KiB}`)
  .join(', ');
console.log(`console: KiB, packed by brotli: ${text}`);
if (over.length > 0) throw new Error(`over the budget: ${over.join(', ')}`);
