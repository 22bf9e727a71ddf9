import { Button, Switch } from '@patternfly/react-core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { type ApiKey, keysQuery, revokeKey } from '../../api/keys';
import { useSession } from '../../api/session';
import { curlOf } from '../../common/commands';
import { ConfirmModal } from '../../common/ConfirmModal';
import { Copyable } from '../../common/Copyable';
import { Loaded } from '../../common/Loaded';
import { useFilters } from '../../common/urlFilters';
import { useAction } from '../../common/useAction';
import { KeyForm } from './KeyForm';
import { KeyTable } from './KeyTable';
import { Shown } from './Shown';
import { SignInLink } from './SignInLink';

function useAllKeys() {
  const query = useInfiniteQuery(keysQuery);
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isError, fetchNextPage]);
  return query;
}

function Revoke({ apiKey, onGone }: { apiKey: ApiKey; onGone: () => void }) {
  const mine = useSession().principal.id === apiKey.id;
  const revoke = useAction({ run: () => revokeKey(apiKey.id), done: () => 'The key is revoked', onDone: onGone });
  return (
    <ConfirmModal
      title="Revoke this API key?"
      word={apiKey.name}
      action="Revoke the key"
      isPending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate(undefined)}
      onGone={onGone}
    >
      Every request and every session of it is refused at once. It cannot be taken back.
      {mine && <strong> It is the key that you are signed in with: you will be signed out.</strong>}
    </ConfirmModal>
  );
}

function Made({ made, onGone }: { made: ApiKey; onGone: () => void }) {
  return (
    <Shown title={`The key “${made.name}” is made`} secret={made.key} what="the key" onGone={onGone}>
      <p>Whoever is to use it tries it like this:</p>
      <p>
        <Copyable text="read -rs EVIDENCED_API_KEY" name="the line that reads the key" />
      </p>
      <p>
        <Copyable text={curlOf('/v1/principal')} name="the curl command" />
      </p>
    </Shown>
  );
}

/** The API keys: list, create, revoke. */
export function KeyList() {
  const queries = useQueryClient();
  const filters = useFilters();
  const [asking, setAsking] = useState(false);
  const [made, setMade] = useState<ApiKey | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const query = useAllKeys();
  const all = filters.one('all') === '1';
  const onMade = (key: ApiKey) => {
    setAsking(false);
    setMade(key);
    void queries.invalidateQueries({ queryKey: keysQuery.queryKey });
  };
  return (
    <>
      <div className="ev-actions ev-row">
        <Button onClick={() => setAsking(true)}>Create a key</Button>
        <SignInLink />
        <Switch
          id="revoked-too"
          label="Revoked ones, too"
          isChecked={all}
          onChange={(_event, on) => filters.set('all', on ? '1' : null)}
        />
      </div>
      <Loaded query={query}>
        {(data) => (
          <KeyTable
            keys={data.pages.flatMap((page) => page.items).filter((key) => all || key.revoked_at === null)}
            onRevoke={setRevoking}
          />
        )}
      </Loaded>
      {asking && <KeyForm onMade={onMade} onGone={() => setAsking(false)} />}
      {made !== null && <Made made={made} onGone={() => setMade(null)} />}
      {revoking !== null && <Revoke apiKey={revoking} onGone={() => setRevoking(null)} />}
    </>
  );
}
