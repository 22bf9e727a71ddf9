import { useEffect, useState, useSyncExternalStore } from 'react';

import { artifactPage, type ArtifactRow } from '../../api/artifacts';
import { ApiError } from '../../api/problem';
import { type Filter, queryOf } from './filter';
import { Pages } from './pages';

const retryAfter = 5_000;
const passes = (error: unknown) =>
  error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);

/** The list that a filter finds, for the life of the component: another filter needs another one. */
export function usePages(filter: Filter): Pages<ArtifactRow> {
  const [pages] = useState(() => {
    const query = { ...queryOf(filter), sort: filter.sort };
    return new Pages<ArtifactRow>((cursor, signal) => artifactPage(query, cursor, signal));
  });
  useSyncExternalStore(pages.subscribe, pages.getVersion);
  const { error } = pages;
  useEffect(() => {
    if (!passes(error)) return;
    const timer = setTimeout(() => pages.retry(), retryAfter);
    return () => clearTimeout(timer);
  }, [pages, error]);
  return pages;
}
