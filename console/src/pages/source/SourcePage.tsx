import { Button, PageSection, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useNavigate, useParams } from 'react-router';

import { pauseSource, resumeSource, startSync } from '../../api/actions';
import { type Source, sourceQuery } from '../../api/queries';
import { useMay } from '../../api/session';
import { PageLoaded } from '../../common/Loaded';
import { PageHead } from '../../common/PageHead';
import { ProblemCard } from '../../common/ProblemCard';
import { healthWords, sourceStateWords } from '../../common/status';
import { StatusWord } from '../../common/StatusWord';
import { useAction } from '../../common/useAction';
import { usePage } from '../../shell/page';
import { CoverageTab } from './CoverageTab';
import { CredentialTab } from './CredentialTab';
import { HealthCard } from './HealthCard';
import { SettingsTab } from './SettingsTab';
import { StatusTab } from './StatusTab';
import { SyncsTab } from './SyncsTab';

interface TabRow {
  name: string;
  title: string;
  /** What the tab shows, as the API and the program say it; ID stands for the source. */
  apiUrl: string;
  command: string;
  show: (source: Source) => ReactNode;
}

const tabs: TabRow[] = [
  {
    name: 'status',
    title: 'Status',
    apiUrl: '/v1/sources/ID',
    command: 'evidenced source show ID',
    show: (source) => <StatusTab source={source} />,
  },
  {
    name: 'syncs',
    title: 'Syncs',
    apiUrl: '/v1/syncs?source=ID',
    command: 'evidenced sync list --source ID',
    show: (source) => <SyncsTab source={source} />,
  },
  {
    name: 'coverage',
    title: 'Coverage',
    apiUrl: '/v1/sources/ID/coverage',
    command: 'evidenced source coverage ID',
    show: (source) => <CoverageTab source={source} />,
  },
  {
    name: 'credential',
    title: 'Credential',
    apiUrl: '/v1/sources/ID/credential',
    command: 'evidenced source test ID',
    show: (source) => <CredentialTab source={source} />,
  },
  {
    name: 'settings',
    title: 'Settings',
    apiUrl: '/v1/sources/ID',
    command: 'evidenced source show ID',
    show: (source) => <SettingsTab key={source.updated_at} source={source} />,
  },
];

function Actions({ source }: { source: Source }) {
  const navigate = useNavigate();
  const sync = useAction({
    run: () => startSync(source.id, { mode: 'incremental' }),
    done: () => 'A sync is queued',
    onDone: (made) => void navigate(`/syncs/${made.id}`),
  });
  const pause = useAction({ run: () => pauseSource(source.id), done: () => 'The source is paused' });
  const resume = useAction({ run: () => resumeSource(source.id), done: () => 'The source is resumed' });
  const failed = [sync, pause, resume].find((action) => action.isError);
  if (source.state === 'deleted') return null;
  return (
    <>
      {source.state === 'paused' ? (
        <Button isLoading={resume.isPending} onClick={() => resume.mutate(undefined)}>
          Resume
        </Button>
      ) : (
        <Button
          isLoading={sync.isPending}
          isDisabled={source.state !== 'active'}
          onClick={() => sync.mutate(undefined)}
        >
          Sync now
        </Button>
      )}
      {source.state === 'active' && (
        <Button variant="secondary" isLoading={pause.isPending} onClick={() => pause.mutate(undefined)}>
          Pause
        </Button>
      )}
      {failed && <ProblemCard error={failed.error} />}
    </>
  );
}

const part = 'part-of-the-source';

function Page({ source, tab }: { source: Source; tab: TabRow }) {
  const navigate = useNavigate();
  const may = useMay('admin', 'operator');
  usePage({
    title: `${source.name} · ${tab.title}`,
    apiUrl: tab.apiUrl.replace('ID', source.id),
    command: tab.command.replace('ID', source.id),
  });
  const word = source.state === 'deleted' ? sourceStateWords.deleted : healthWords[source.health.status];
  return (
    <>
      <PageHead
        title={source.name}
        above={[['Sources', '/sources']]}
        mark={<StatusWord word={word} detail={source.health.reason} />}
        actions={may && <Actions source={source} />}
      />
      <PageSection hasBodyWrapper={false} aria-label={tab.title}>
        <HealthCard source={source} />
        <Tabs
          activeKey={tab.name}
          onSelect={(event, name) => {
            // A click with a modifier opens the address elsewhere, as with any link.
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            void navigate(`/sources/${source.id}/${name}`);
          }}
          aria-label="Parts of the source"
          component="nav"
        >
          {tabs.map(({ name, title }) => (
            <Tab
              key={name}
              eventKey={name}
              href={`/ui/sources/${source.id}/${name}`}
              title={<TabTitleText>{title}</TabTitleText>}
              tabContentId={part}
            />
          ))}
        </Tabs>
        <div className="ev-tab" id={part}>
          {tab.show(source)}
        </div>
      </PageSection>
    </>
  );
}

export default function SourcePage() {
  const { id = '', tab = 'status' } = useParams();
  const query = useQuery(sourceQuery(id));
  const shown = tabs.find(({ name }) => name === tab) ?? tabs[0];
  if (shown === undefined) return null;
  return (
    <>
      {query.data === undefined && <PageHead title="Source" above={[['Sources', '/sources']]} />}
      <PageLoaded query={query}>{(source) => <Page source={source} tab={shown} />}</PageLoaded>
    </>
  );
}
