import { PageSection } from '@patternfly/react-core';
import { useInfiniteQuery } from '@tanstack/react-query';

import './changes.css';

import { changesQuery } from '../../api/reports';
import { commandOf } from '../../common/commands';
import { Gaps } from '../../common/Gaps';
import { Loaded } from '../../common/Loaded';
import { More } from '../../common/More';
import { Nothing } from '../../common/Nothing';
import { PageHead } from '../../common/PageHead';
import { queryText, useFilters } from '../../common/urlFilters';
import { usePage } from '../../shell/page';
import { cleared } from '../access/AccessFilters';
import { ExportMenu, ExportState, useExport } from '../artifacts/Export';
import { askedOf, ChangeFilters, changeFilterNames } from './ChangeFilters';
import { ChangeTable } from './ChangeTable';
import { Facts } from './Facts';
import { Summary } from './Summary';

export default function Changes() {
  const filters = useFilters();
  const asked = askedOf(filters);
  const apiUrl = `/v1/reports/changes${queryText(asked)}`;
  usePage({ title: 'Changes', apiUrl, command: commandOf('report changes', asked) });
  const made = useExport(apiUrl, undefined, 'change');
  const query = useInfiniteQuery(changesQuery(asked));
  const changes = query.data?.pages.flatMap((page) => page.items) ?? [];
  const shown = changes.find((change) => change.artifact_id === filters.one('change'));
  const set = changeFilterNames.some((name) => filters.all(name).length > 0);
  const onClear = set ? () => filters.change(cleared(changeFilterNames)) : undefined;
  return (
    <>
      <PageHead title="Changes" actions={<ExportMenu made={made} count={undefined} />}>
        What was merged, by whom, and what may be wrong with it. What could not be read is no finding.
      </PageHead>
      <PageSection hasBodyWrapper={false} aria-label="Merged pull requests">
        <ExportState made={made} />
        <ChangeFilters filters={filters} onClear={onClear} />
        <Summary filter={asked} />
      </PageSection>
      <PageSection hasBodyWrapper={false} aria-label="Each of them">
        <Loaded query={query}>
          {(data) => (
            <>
              <Gaps gaps={data.pages[0]?.gaps ?? []} />
              {changes.length > 0 || query.hasNextPage ? (
                <ChangeTable
                  changes={changes}
                  onFacts={(change) => filters.set('change', change.artifact_id)}
                />
              ) : (
                <Nothing title="No changes" onClear={onClear}>
                  No merged pull request was collected yet.
                </Nothing>
              )}
            </>
          )}
        </Loaded>
        <More query={query} name="Older changes" />
      </PageSection>
      {shown && <Facts change={shown} onGone={() => filters.set('change', null)} />}
    </>
  );
}
