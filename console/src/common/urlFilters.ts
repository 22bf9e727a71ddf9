import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

/** The query with these names changed: several values repeat a name, none or an empty one leaves it out. */
export function changed(now: URLSearchParams, values: Record<string, string[] | string | null>): URLSearchParams {
  const next = new URLSearchParams(now);
  for (const [name, value] of Object.entries(values)) {
    next.delete(name);
    for (const each of [value ?? []].flat()) if (each !== '') next.append(name, each);
  }
  return next;
}

/** The filters of a page, kept in its address: a link shows the same to everybody. */
export function useFilters() {
  const [parameters, setParameters] = useSearchParams();
  const change = useCallback(
    (values: Record<string, string[] | string | null>) =>
      setParameters((now) => changed(now, { ...values, cursor: null }), { replace: true }),
    [setParameters],
  );
  const set = useCallback((name: string, values: string[] | string | null) => change({ [name]: values }), [change]);
  const toggle = useCallback(
    (name: string, value: string) => {
      const chosen = parameters.getAll(name);
      set(name, chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]);
    },
    [parameters, set],
  );
  const clear = useCallback(() => setParameters({}, { replace: true }), [setParameters]);
  return {
    all: (name: string) => parameters.getAll(name),
    one: (name: string) => parameters.get(name) ?? '',
    any: [...parameters.keys()].length > 0,
    change,
    set,
    toggle,
    clear,
  };
}

/** "?state=active&tag=a", or nothing where there is nothing to say. */
export function queryText(query: Record<string, string | string[] | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of [value ?? []].flat()) if (each !== '') parameters.append(name, each);
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
