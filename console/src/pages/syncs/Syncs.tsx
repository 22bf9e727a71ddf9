import { PageSection, Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';

import { sourcesQuery, type Sync } from '../../api/queries';
import { commandOf } from '../../common/commands';
import { MultiSelect } from '../../common/MultiSelect';
import { PageHead } from '../../common/PageHead';
import { queryText, useFilters } from '../../common/urlFilters';
import { usePage } from '../../shell/page';
import { SyncList } from './SyncList';

const states: { value: Sync['state']; name: string }[] = [
  { value: 'running', name: 'Running' },
  { value: 'queued', name: 'Queued' },
  { value: 'done', name: 'Done' },
];

export default function SyncsPage() {
  const filters = useFilters();
  const asked = { source: filters.all('source'), state: filters.all('state') as Sync['state'][] };
  usePage({ title: 'Syncs', apiUrl: `/v1/syncs${queryText(asked)}`, command: commandOf('sync list', asked) });
  const sources = useQuery(sourcesQuery({}));
  const names = (sources.data?.items ?? []).map((source) => ({ value: source.id, name: source.name }));
  return (
    <>
      <PageHead title="Syncs" />
      <PageSection hasBodyWrapper={false} aria-label="All syncs">
        <Toolbar inset={{ default: 'insetNone' }}>
          <ToolbarContent>
            <ToolbarItem>
              <MultiSelect
                name="Source"
                choices={names}
                chosen={asked.source}
                onToggle={(value) => filters.toggle('source', value)}
              />
            </ToolbarItem>
            <ToolbarItem>
              <MultiSelect
                name="State"
                choices={states}
                chosen={asked.state}
                onToggle={(value) => filters.toggle('state', value)}
              />
            </ToolbarItem>
          </ToolbarContent>
        </Toolbar>
        <SyncList query={asked} />
      </PageSection>
    </>
  );
}
