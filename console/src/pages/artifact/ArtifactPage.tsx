import './artifact.css';

import { PageSection, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import type { ComponentType } from 'react';
import { Link, useNavigate, useParams } from 'react-router';

import { type Artifact, artifactQuery } from '../../api/artifacts';
import { sourceQuery } from '../../api/queries';
import { ArtifactState } from '../../common/ArtifactState';
import { commandOf } from '../../common/commands';
import { countText, wordsOf } from '../../common/format';
import { Loaded } from '../../common/Loaded';
import { PageHead } from '../../common/PageHead';
import { Time } from '../../common/Time';
import { usePage } from '../../shell/page';
import { NotFound } from '../NotFound';
import { DiffTab } from './DiffTab';
import { FieldsTab } from './FieldsTab';
import { HistoryTab } from './HistoryTab';
import { ProvenanceTab } from './ProvenanceTab';
import { RawTab } from './RawTab';
import { RelatedTab } from './RelatedTab';
import { upstreamUrlOf } from './upstream';

interface TabOf {
  title: string;
  content: ComponentType<{ artifact: Artifact }>;
  /** What the tab shows, below the artifact's own address of the API. */
  api: string;
  command: (id: string) => string;
}

const get = (id: string) => commandOf(`artifact get ${id}`);
const revisions = (id: string) => `${get(id)} --revisions`;

const tabs: Record<string, TabOf> = {
  fields: { title: 'Fields', content: FieldsTab, api: '', command: get },
  related: { title: 'Related', content: RelatedTab, api: '/related', command: get },
  history: { title: 'History', content: HistoryTab, api: '/revisions', command: revisions },
  diff: { title: 'Diff', content: DiffTab, api: '/revisions', command: revisions },
  raw: { title: 'Raw', content: RawTab, api: '/raw', command: (id) => `${get(id)} --raw` },
  provenance: { title: 'Provenance', content: ProvenanceTab, api: '', command: get },
};

/** Only one part is there at a time: the tabs share its id. */
const part = 'artifact-part';

function TabBar({ id, tab }: { id: string; tab: string }) {
  const navigate = useNavigate();
  return (
    <Tabs
      component="nav"
      aria-label="Artifact"
      activeKey={tab}
      onSelect={(event, name) => {
        // A click with a modifier opens the address elsewhere, as with any link.
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        void navigate(`/artifacts/${id}/${name}`);
      }}
    >
      {Object.entries(tabs).map(([name, { title }]) => (
        <Tab
          key={name}
          eventKey={name}
          title={<TabTitleText>{title}</TabTitleText>}
          href={`/ui/artifacts/${id}/${name}`}
          tabContentId={part}
        />
      ))}
    </Tabs>
  );
}

function Place({ artifact }: { artifact: Artifact }) {
  const { data: source } = useQuery(sourceQuery(artifact.source_id ?? ''));
  const { kind = '', repository, project, workspace } = artifact;
  const places: [name: string, value: string | null | undefined][] = [
    ['repository', repository],
    ['project', repository ? null : project],
    ['workspace', repository || project ? null : workspace],
  ];
  return (
    <>
      <Link to={`/artifacts?kind=${kind}`}>{wordsOf(kind)}</Link>
      {places.map(
        ([name, value]) =>
          value &&
          name !== kind && (
            <span key={name}>
              {' '}
              of {name}{' '}
              <Link to={`/artifacts?${new URLSearchParams({ [name]: value }).toString()}`}>
                <bdi className="ev-wrap">{value}</bdi>
              </Link>
            </span>
          ),
      )}
      , from{' '}
      <Link to={`/sources/${artifact.source_id ?? ''}`}>
        <bdi className="ev-wrap">{source?.name ?? artifact.source_id}</bdi>
      </Link>
      , revision {countText(artifact.revision ?? 0)}, observed <Time at={artifact.observed_at} />
      {artifact.removed_at && (
        <>
          , removed <Time at={artifact.removed_at} />
          {artifact.removed_reason && ` (${wordsOf(artifact.removed_reason).toLowerCase()})`}
        </>
      )}
    </>
  );
}

function Whole({ artifact, tab }: { artifact: Artifact; tab: TabOf & { name: string } }) {
  const title = artifact.title || artifact.upstream_id || artifact.id;
  const upstream = upstreamUrlOf(artifact.content);
  const Content = tab.content;
  usePage({
    title: `${title} · ${tab.title}`,
    apiUrl: `/v1/artifacts/${artifact.id}${tab.api}`,
    command: tab.command(artifact.id),
  });
  return (
    <>
      <PageHead
        title={title}
        above={[['Artifacts', '/artifacts']]}
        mark={<ArtifactState state={artifact.state} removedAt={artifact.removed_at} />}
        actions={
          upstream !== null && (
            <a href={upstream} target="_blank" rel="noopener noreferrer">
              Open in Bitbucket
            </a>
          )
        }
      >
        <Place artifact={artifact} />
      </PageHead>
      <PageSection hasBodyWrapper={false} aria-label="Parts of the artifact">
        <TabBar id={artifact.id} tab={tab.name} />
      </PageSection>
      <PageSection hasBodyWrapper={false} aria-label={tab.title} id={part}>
        <Content artifact={artifact} />
      </PageSection>
    </>
  );
}

/** One artifact: what it is, what belongs to it, what it was, and how it came here. */
export default function ArtifactPage() {
  const { id = '', tab: name = 'fields' } = useParams();
  const query = useQuery(artifactQuery(id));
  const tab = tabs[name];
  if (tab === undefined) return <NotFound />;
  if (query.data !== undefined) {
    return <Loaded query={query}>{(artifact) => <Whole artifact={artifact} tab={{ ...tab, name }} />}</Loaded>;
  }
  return (
    <>
      <PageHead title="Artifact" above={[['Artifacts', '/artifacts']]} />
      <PageSection hasBodyWrapper={false}>
        <Loaded query={query}>{() => null}</Loaded>
      </PageSection>
    </>
  );
}
