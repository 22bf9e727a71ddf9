import { readdirSync, readFileSync } from 'node:fs';

import type { Plugin } from 'vite';

const name = 'virtual:licences';
const resolved = `\0${name}`;
const packages = new URL('node_modules/', import.meta.url);

interface Locked {
  version: string;
  license?: string;
  dev?: boolean;
}

function textOf(place: string): string {
  const folder = new URL(`${place.replace(/^node_modules\//, '')}/`, packages);
  const file = readdirSync(folder).find((each) => /^licen[cs]e(\.|$)/i.test(each));
  return file === undefined ? '' : readFileSync(new URL(file, folder), 'utf8').trim();
}

function licences() {
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  return Object.entries(lock.packages)
    .filter(([place, locked]) => place !== '' && locked.dev !== true && !place.includes('@types/'))
    .map(([place, locked]) => ({
      name: place.split('node_modules/').at(-1),
      version: locked.version,
      licence: locked.license ?? 'not stated',
      text: textOf(place),
    }));
}

/** `virtual:licences`: what the console is made of, with the text of each licence, as the lock file and the packages say. */
export function withLicences(): Plugin {
  return {
    name: 'licences',
    resolveId: (id) => (id === name ? resolved : null),
    load: (id) => (id === resolved ? `export default ${JSON.stringify(licences())};` : null),
  };
}
