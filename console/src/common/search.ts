import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

export type SearchChange = Record<string, string | string[] | undefined>;

/** The query string with these names changed: several values repeat the name, none or an empty one leaves it out. */
export function searchWith(search: URLSearchParams, change: SearchChange): URLSearchParams {
  const changed = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    changed.delete(name);
    for (const each of [value ?? []].flat()) if (each !== '') changed.append(name, each);
  }
  return changed;
}

/** What the page shows, as the query string has it: the one place where filters, tabs and selections are kept. */
export function useSearch() {
  const [search, setSearch] = useSearchParams();
  const change = useCallback(
    (values: SearchChange) => setSearch((before) => searchWith(before, values), { replace: true }),
    [setSearch],
  );
  return useMemo(
    () => ({
      one: (name: string) => search.get(name) ?? undefined,
      all: (name: string) => search.getAll(name),
      /** The query string without these names, with its "?" where there is any. */
      text: (without: string[] = []) => {
        const rest = searchWith(search, Object.fromEntries(without.map((name) => [name, undefined]))).toString();
        return rest === '' ? '' : `?${rest}`;
      },
      change,
    }),
    [search, change],
  );
}
