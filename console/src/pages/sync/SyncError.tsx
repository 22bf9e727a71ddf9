import { Alert } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';

import { api, take } from '../../api/client';
import type { Sync } from '../../api/queries';

export const problemQuery = (code: string) => ({
  queryKey: ['problem', code],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    take(api.GET('/v1/problems/{code}', { params: { path: { code } }, signal })),
  staleTime: Infinity,
});

/** Why a sync failed, and what to do, in the words of the catalogue. */
export function SyncError({ sync }: { sync: Sync }) {
  const code = sync.error?.code ?? '';
  const { data } = useQuery({ ...problemQuery(code), enabled: code !== '' });
  if (sync.error === null) return null;
  return (
    <Alert isInline component="h2" variant="danger" title={data?.title ?? code} className="ev-problem" data-code={code}>
      <p>{sync.error.detail}</p>
      {data?.remedy.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <code>{code}</code>
    </Alert>
  );
}
