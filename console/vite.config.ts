import { readFileSync } from 'node:fs';

import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

import { withLicences } from './licences.ts';

/**
 * PatternFly's index brings the style of every component there is; its own map says where each one lives, so that only
 * those that are used are taken.
 */
function singleComponents(library: string): Plugin {
  const map = JSON.parse(
    readFileSync(new URL(`node_modules/${library}/dist/dynamic-modules.json`, import.meta.url), 'utf8'),
  ) as Record<string, string>;
  const whole = new RegExp(`import \\{([^}]*)\\} from '${library}';`, 'g');
  const single = (name: string) => {
    const place = map[name.split(' as ')[0] ?? ''];
    if (place === undefined) throw new Error(`${library} has no ${name}`);
    return `import { ${name} } from '${library}/${place.replace('/dynamic/', '/esm/')}/index.js';`;
  };
  return {
    name: `single-components:${library}`,
    enforce: 'pre',
    transform: (code, id) =>
      id.includes('node_modules') || !code.includes(`from '${library}'`)
        ? null
        : code.replace(whole, (_all, names: string) =>
            names
              .split(',')
              .map((name) => name.trim())
              .filter((name) => name !== '' && !name.startsWith('type '))
              .map(single)
              .join(' '),
          ),
  };
}

/** Parts of PatternFly's style that no page of ours shows: other themes, variants by breakpoint, widgets within widgets. */
const unused = [
  /theme-felt/,
  /glass/,
  /-on-(sm|md|lg|xl|2xl)|-on-.*height/,
  /\.pf-v6-c-drawer/,
  /\.pf-v6-c-button.*pf-m-(favorite|settings|hamburger|stateful|notify|read|unread|attention|docked)/,
  /\.pf-v6-c-nav.*(subnav|expandable|horizontal|flyout)/,
  /\.pf-v6-c-menu.*(drill|flyout)/,
  /pf-m-docked|display-stack/,
  /pf-m-grid(-lg|-xl|-2xl|(?![-\w]))|tree-view|nested-column|editable|inline-edit|pf-v6-c-label-group/,
  /pf-v6-c-table.*(draggable|favorite|striped|compound|animate-expand|control-row)/,
  /pf-v6-c-card.*(selectable|clickable|expand)/,
];

const withoutUnused = {
  postcssPlugin: 'without-unused',
  Rule(rule: { selectors: string[]; remove: () => void }) {
    const used = rule.selectors.filter((selector) => !unused.some((part) => part.test(selector)));
    if (used.length === 0) rule.remove();
    else if (used.length < rule.selectors.length) rule.selectors = used;
  },
  // Nothing is set in italics.
  AtRule: {
    'font-face': (face: { toString: () => string; remove: () => void }) => {
      if (face.toString().includes('Italic')) face.remove();
    },
  },
};

// What the daemon embeds: hashed files under /ui/, nothing inline, nothing from another host.
export default defineConfig({
  base: '/ui/',
  plugins: [
    singleComponents('@patternfly/react-core'),
    singleComponents('@patternfly/react-table'),
    withLicences(),
    react(),
  ],
  css: { postcss: { plugins: [withoutUnused] } },
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
    // What pages share comes in a few files, not in one for each set of pages: a request costs more than some bytes.
    rolldownOptions: {
      output: {
        chunkFileNames: ({ name }) => `assets/${name.split('~')[0]}-[hash].js`,
        assetFileNames: ({ names }) => `assets/${names[0]?.split(/[~.]/)[0]}-[hash][extname]`,
        codeSplitting: {
          groups: [
            { name: 'first', tags: ['$initial'], priority: 2 },
            { name: 'shared', minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: 100_000, priority: 1 },
          ],
        },
      },
    },
  },
});
