import { Alert, Modal, ModalBody, ModalHeader } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import type { Schemas } from '../../api/client';
import { accessPathsQuery } from '../../api/reports';
import { wordsOf } from '../../common/format';
import { Gaps } from '../../common/Gaps';
import { Loaded } from '../../common/Loaded';
import { Time } from '../../common/Time';
import { personName } from './matrix';

type Paths = Schemas['AccessPaths'];
type Path = Schemas['AccessPath'];

const ways: Record<Path['via'], string> = {
  direct: 'granted to the person, on the repository',
  group: 'granted to a group, on the repository',
  project: 'granted to the person, on the project',
  project_group: 'granted to a group, on the project',
  workspace: 'administrator of the workspace',
  owner: 'owner of the repository',
};

function PathRow({ path }: { path: Path }) {
  return (
    <Tr>
      <Td dataLabel="Gives">{wordsOf(path.permission)}</Td>
      <Td dataLabel="How">
        <Link to={`/artifacts/${path.artifact_id}`}>{ways[path.via]}</Link>
      </Td>
      <Td dataLabel="Group" className="ev-wrap">
        {path.group === null ? (
          <span className="ev-quiet">–</span>
        ) : (
          <Link to={`/artifacts/${path.group.artifact_id}`}>
            <bdi>{path.group.name}</bdi>
          </Link>
        )}
      </Td>
      <Td dataLabel="Observed">
        <Time at={path.observed_at} />
      </Td>
    </Tr>
  );
}

function PathTable({ paths }: { paths: Path[] }) {
  return (
    <div className="ev-scroll" tabIndex={0} role="region" aria-label="Grants">
      <Table variant="compact" aria-label="Grants, the highest first">
        <Thead>
          <Tr>
            <Th modifier="nowrap">Gives</Th>
            <Th modifier="nowrap">How</Th>
            <Th modifier="nowrap">Group</Th>
            <Th modifier="nowrap">Observed</Th>
          </Tr>
        </Thead>
        <Tbody>
          {paths.map((path) => (
            <PathRow key={`${path.artifact_id} ${path.via} ${path.group?.slug ?? ''}`} path={path} />
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

const permissionText = ({ permission }: Paths) => {
  if (permission === null) return 'Nobody knows: the access of the repository could not be read to its end.';
  return permission === 'none' ? 'Has no access.' : `Has the permission ${permission}.`;
};

function Reasons({ found }: { found: Paths }) {
  return (
    <>
      <p>
        <bdi>{personName(found.person)}</bdi> in{' '}
        <Link to={`/artifacts/${found.repository.artifact_id}`}>
          <bdi className="ev-wrap">{found.repository.repository}</bdi>
        </Link>
        {found.repository.project !== null && <> of project {found.repository.project}</>}:{' '}
        <strong>{permissionText(found)}</strong>
        {found.observed_at !== null && (
          <span className="ev-quiet">
            {' '}
            Read <Time at={found.observed_at} />.
          </span>
        )}
      </p>
      {!found.explained && (
        <Alert isInline variant="warning" component="h2" title="The grants that are known do not explain this">
          {found.reason}
        </Alert>
      )}
      <Gaps gaps={found.gaps} />
      {found.paths.length > 0 && <PathTable paths={found.paths} />}
    </>
  );
}

interface WhyProperties {
  person: string;
  repository: string;
  onGone: () => void;
}

/** Why somebody has a permission: the grants behind a cell. */
export function Why({ person, repository, onGone }: WhyProperties) {
  const query = useQuery(accessPathsQuery(person, repository));
  return (
    <Modal variant="medium" isOpen onClose={onGone} aria-labelledby="why-title">
      <ModalHeader title="Why this access" labelId="why-title" />
      <ModalBody>
        <Loaded query={query}>{(found) => <Reasons found={found} />}</Loaded>
      </ModalBody>
    </Modal>
  );
}
