import { Alert, PageSection } from '@patternfly/react-core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useNavigate } from 'react-router';

import './access.css';

import { type AccessFilter, type AccessPage, accessQuery, type AccessRepository, type AccessRow } from '../../api/reports';
import { commandOf } from '../../common/commands';
import { plural } from '../../common/format';
import { Gaps } from '../../common/Gaps';
import { Loaded } from '../../common/Loaded';
import { More } from '../../common/More';
import { Nothing } from '../../common/Nothing';
import { PageHead } from '../../common/PageHead';
import { Time } from '../../common/Time';
import { queryText, useFilters } from '../../common/urlFilters';
import { usePage } from '../../shell/page';
import { ExportMenu, ExportState, useExport } from '../artifacts/Export';
import { AccessFilters, accessFilterNames, cleared, ViewToggle } from './AccessFilters';
import { AccessList } from './AccessList';
import { type Letter, letterWords, matrixOf } from './matrix';
import { Matrix } from './Matrix';
import { Why } from './Why';

type UrlFilters = ReturnType<typeof useFilters>;

function askedOf(filters: UrlFilters) {
  return {
    source: filters.all('source'),
    workspace: filters.all('workspace'),
    project: filters.all('project'),
    repository: filters.all('repository'),
    permission: filters.all('permission') as AccessFilter['permission'],
    q: filters.one('q') === '' ? undefined : filters.one('q'),
  };
}

function Legend() {
  return (
    <div className="ev-legend" role="group" aria-label="Legend">
      {(Object.keys(letterWords) as Letter[]).map((letter) => (
        <span key={letter} title={letterWords[letter].meaning}>
          <span data-letter={letter} aria-hidden>
            {letterWords[letter].sign}
          </span>
          {letterWords[letter].text}
        </span>
      ))}
    </div>
  );
}

interface BoardProperties {
  pages: AccessPage[];
  more: boolean;
  filters: UrlFilters;
  onClear: (() => void) | undefined;
}

function Board({ pages, more, filters, onClear }: BoardProperties) {
  const navigate = useNavigate();
  const data = useMemo(() => matrixOf(pages), [pages]);
  const first = pages[0];
  const openGrant = (person: AccessRow, repository: AccessRepository) =>
    filters.change({ person: person.id, in: repository.repository });
  if (first === undefined || data.people.length === 0 || data.repositories.length === 0) {
    return (
      <>
        <Gaps gaps={first?.gaps ?? []} />
        <Nothing title="No access to show" onClear={onClear}>
          Nothing was collected yet: effective access comes with the first sync.
        </Nothing>
      </>
    );
  }
  const list = filters.one('view') === 'list';
  const openPerson = (person: AccessRow) => {
    if (person.artifact_id !== null) void navigate(`/artifacts/${person.artifact_id}`);
  };
  return (
    <>
      <Gaps gaps={first.gaps} />
      {first.more_repositories && (
        <Alert isInline variant="warning" component="h2" title="There are more repositories than can be shown">
          Narrow the filters to see the others; an export has all of them.
        </Alert>
      )}
      <div className="ev-matrix-above">
        <p className="ev-quiet">
          {plural(data.people.length, 'person', 'people')}
          {more && ' and more'}, {plural(data.repositories.length, 'repository', 'repositories')}.
          {first.observed_at !== null && (
            <>
              {' '}
              Read to the end <Time at={first.observed_at} />.
            </>
          )}
        </p>
        {!list && <Legend />}
      </div>
      {list ? (
        <AccessList data={data} onGrant={openGrant} />
      ) : (
        <Matrix
          data={data}
          more={more}
          onPerson={openPerson}
          onRepository={(each) => void navigate(`/artifacts/${each.artifact_id}`)}
          onGrant={openGrant}
        />
      )}
    </>
  );
}

export default function Access() {
  const filters = useFilters();
  const asked = askedOf(filters);
  const apiUrl = `/v1/reports/access${queryText(asked)}`;
  const made = useExport(apiUrl, undefined, 'permission');
  usePage({
    title: 'People and access',
    apiUrl,
    command: commandOf('report access', asked),
  });
  const query = useInfiniteQuery(accessQuery(asked));
  const set = accessFilterNames.some((name) => filters.all(name).length > 0);
  const onClear = set ? () => filters.change(cleared(accessFilterNames)) : undefined;
  const person = filters.one('person');
  const repository = filters.one('in');
  return (
    <>
      <PageHead
        title="People and access"
        actions={
          <>
            <ViewToggle filters={filters} />
            <ExportMenu made={made} count={undefined} />
          </>
        }
      >
        Who may do what in which repository, in the end. Open a cell to see the grants behind it.
      </PageHead>
      <PageSection hasBodyWrapper={false} aria-label="Access">
        <ExportState made={made} />
        <AccessFilters filters={filters} set={set} />
        <Loaded query={query}>
          {(data) => <Board pages={data.pages} more={query.hasNextPage} filters={filters} onClear={onClear} />}
        </Loaded>
        <More query={query} name="More people" />
      </PageSection>
      {person !== '' && repository !== '' && (
        <Why person={person} repository={repository} onGone={() => filters.change({ person: null, in: null })} />
      )}
    </>
  );
}
