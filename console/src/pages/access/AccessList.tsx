import { Button } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';

import type { AccessRepository, AccessRow } from '../../api/reports';
import { countText, plural } from '../../common/format';
import { type Grant, grantCount, grantsOf, letterWords, type Matrix, personName, unknownOf } from './matrix';

const step = 200;

interface AccessListProperties {
  data: Matrix;
  onGrant: (person: AccessRow, repository: AccessRepository) => void;
}

function Row({ grant, onWhy }: { grant: Grant; onWhy: () => void }) {
  const { person, repository, letter } = grant;
  const name = personName(person);
  return (
    <Tr>
      <Th dataLabel="Person" className="ev-wrap">
        <bdi>{name}</bdi>
      </Th>
      <Td dataLabel="Repository" className="ev-wrap">
        <Link to={`/artifacts/${repository.artifact_id}`}>
          <bdi>{repository.repository}</bdi>
        </Link>
      </Td>
      <Td dataLabel="Project">{repository.project ?? '–'}</Td>
      <Td dataLabel="Permission">{letterWords[letter].text}</Td>
      <Td dataLabel="Member">{person.member ? 'yes' : 'no'}</Td>
      <Td isActionCell>
        <Button
          variant="link"
          isInline
          size="sm"
          aria-label={`Why ${name} has ${letterWords[letter].text} in ${repository.repository}`}
          onClick={onWhy}
        >
          Why
        </Button>
      </Td>
    </Tr>
  );
}

function Unknown({ repositories }: { repositories: AccessRepository[] }) {
  if (repositories.length === 0) return null;
  return (
    <details>
      <summary>Nobody knows who has access to {plural(repositories.length, 'repository', 'repositories')}</summary>
      <ul>
        {repositories.map((each) => (
          <li key={each.repository} className="ev-wrap">
            <bdi>{each.repository}</bdi>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What the matrix says, as a table: a row for each permission that somebody has. */
export function AccessList({ data, onGrant }: AccessListProperties) {
  const [limit, setLimit] = useState(step);
  const grants = useMemo(() => grantsOf(data, limit), [data, limit]);
  const count = grantCount(data.people);
  return (
    <>
      <Unknown repositories={unknownOf(data)} />
      <div className="ev-scroll" tabIndex={0} role="region" aria-label="List of permissions">
        <Table variant="compact" aria-label={`${plural(count, 'permission')} of ${plural(data.people.length, 'person', 'people')}`}>
          <Thead>
            <Tr>
              <Th modifier="nowrap">Person</Th>
              <Th modifier="nowrap">Repository</Th>
              <Th modifier="nowrap">Project</Th>
              <Th modifier="nowrap">Permission</Th>
              <Th modifier="nowrap">Member</Th>
              <Th screenReaderText="Actions" />
            </Tr>
          </Thead>
          <Tbody>
            {grants.map((grant) => (
              <Row
                key={`${grant.person.id} ${grant.repository.repository}`}
                grant={grant}
                onWhy={() => onGrant(grant.person, grant.repository)}
              />
            ))}
          </Tbody>
        </Table>
      </div>
      {grants.length < count && (
        <Button variant="secondary" className="ev-more" onClick={() => setLimit(limit + step)}>
          {`More: ${countText(grants.length)} of ${countText(count)} are shown`}
        </Button>
      )}
    </>
  );
}
