import { Button } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import type { ApiKey } from '../../api/keys';
import { sourcesQuery } from '../../api/queries';
import { useSession } from '../../api/session';
import { useNow } from '../../common/clock';
import { Copyable } from '../../common/Copyable';
import { StatusWord } from '../../common/StatusWord';
import { Time } from '../../common/Time';
import { keyWord, roleMeanings } from './words';

function Reach({ reach }: { reach: Pick<ApiKey, 'source_ids' | 'window'> }) {
  const { data } = useQuery(sourcesQuery({}));
  const nameOf = (id: string) => data?.items.find((source) => source.id === id)?.name ?? id;
  const { source_ids: sources, window } = reach;
  if (sources === null && window === null) return <>everything</>;
  return (
    <div>
      {sources?.map((id) => (
        <div key={id} className="ev-wrap">
          <Link to={`/sources/${id}`}>
            <bdi>{nameOf(id)}</bdi>
          </Link>
        </div>
      ))}
      {window?.from && (
        <div>
          from <Time at={window.from} />
        </div>
      )}
      {window?.to && (
        <div>
          to <Time at={window.to} />
        </div>
      )}
    </div>
  );
}

function Row({ apiKey, now, onRevoke }: { apiKey: ApiKey; now: Date; onRevoke: () => void }) {
  const mine = useSession().principal.id === apiKey.id;
  return (
    <Tr>
      <Th dataLabel="Name" className="ev-wrap">
        <div>
          <bdi>{apiKey.name}</bdi>
          {mine && <span className="ev-quiet"> (this session)</span>}
        </div>
      </Th>
      <Td dataLabel="Status">
        <StatusWord word={keyWord(apiKey, now)} />
      </Td>
      <Td dataLabel="Roles">
        <div>
          {apiKey.roles.map((role, index) => (
            <span key={role} title={roleMeanings[role]}>
              {index > 0 && ', '}
              {role}
            </span>
          ))}
        </div>
      </Td>
      <Td dataLabel="Sees">
        <Reach reach={apiKey} />
      </Td>
      <Td dataLabel="Public part" modifier="nowrap">
        <Copyable text={apiKey.kid} />
      </Td>
      <Td dataLabel="Last used">
        <Time at={apiKey.last_used_at} none="never" />
      </Td>
      <Td dataLabel="Created">
        <Time at={apiKey.created_at} />
      </Td>
      <Td dataLabel="Expires">
        <Time at={apiKey.expires_at} none="never" />
      </Td>
      <Td isActionCell>
        {apiKey.revoked_at === null && (
          <Button variant="link" isDanger isInline size="sm" aria-label={`Revoke ${apiKey.name}`} onClick={onRevoke}>
            Revoke
          </Button>
        )}
      </Td>
    </Tr>
  );
}

export function KeyTable({ keys, onRevoke }: { keys: ApiKey[]; onRevoke: (key: ApiKey) => void }) {
  const now = useNow();
  return (
    <div className="ev-scroll" tabIndex={0} role="region" aria-label="List of API keys">
      <Table variant="compact" aria-label="API keys">
        <Thead>
          <Tr>
            <Th modifier="nowrap">Name</Th>
            <Th modifier="nowrap">Status</Th>
            <Th modifier="nowrap">Roles</Th>
            <Th modifier="nowrap">Sees</Th>
            <Th modifier="nowrap">Public part</Th>
            <Th modifier="nowrap">Last used</Th>
            <Th modifier="nowrap">Created</Th>
            <Th modifier="nowrap">Expires</Th>
            <Th screenReaderText="Actions" />
          </Tr>
        </Thead>
        <Tbody>
          {keys.map((key) => (
            <Row key={key.id} apiKey={key} now={now} onRevoke={() => onRevoke(key)} />
          ))}
        </Tbody>
      </Table>
    </div>
  );
}
