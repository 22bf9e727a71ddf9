import { useSyncExternalStore } from 'react';

import type { TimeMode } from './format';

export type Theme = 'system' | 'light' | 'dark';

interface Preferences {
  theme: Theme;
  time: TimeMode;
}

const name = 'evidenced.preferences';
const themes: readonly string[] = ['system', 'light', 'dark'];
const modes: readonly string[] = ['utc', 'local', 'relative'];

function stored(): Preferences {
  const preferences: Preferences = { theme: 'system', time: 'relative' };
  try {
    const read = JSON.parse(localStorage.getItem(name) ?? '{}') as Partial<Preferences>;
    if (themes.includes(read.theme ?? '')) preferences.theme = read.theme as Theme;
    if (modes.includes(read.time ?? '')) preferences.time = read.time as TimeMode;
  } catch {
    // What cannot be read is as good as nothing: the defaults hold.
  }
  return preferences;
}

let current = stored();
const listeners = new Set<() => void>();
const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

function applyTheme() {
  const dark = current.theme === 'dark' || (current.theme === 'system' && systemDark.matches);
  document.documentElement.classList.toggle('pf-v6-theme-dark', dark);
}
systemDark.addEventListener('change', applyTheme);
applyTheme();

/** Changes preferences; they are kept in this browser alone. */
export function prefer(change: Partial<Preferences>) {
  current = { ...current, ...change };
  try {
    localStorage.setItem(name, JSON.stringify(current));
  } catch {
    // A browser that keeps nothing forgets them with the page.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const usePreferences = () => useSyncExternalStore(subscribe, () => current);
