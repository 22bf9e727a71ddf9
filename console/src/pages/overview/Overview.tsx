import { Card, CardBody, CardTitle, Gallery, PageSection, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

import type { Schemas } from '../../api/client';
import { overviewQuery } from '../../api/queries';
import { Expiry } from '../../common/Expiry';
import { countText, plural, sentenceOf, utcText, wordsOf } from '../../common/format';
import { PageLoaded } from '../../common/Loaded';
import { PageHead } from '../../common/PageHead';
import { healthWords } from '../../common/status';
import { StatusWord } from '../../common/StatusWord';
import { SyncStrip } from '../../common/SyncStrip';
import { Time } from '../../common/Time';
import { usePage } from '../../shell/page';
import { NoSources } from './NoSources';

type Overview = Schemas['Overview'];
type Totals = NonNullable<Overview['totals']>;
type Entry = Overview['items'][number];

function Figure({ title, to, figure, children }: { title: string; to: string; figure: ReactNode; children: ReactNode }) {
  return (
    <Card isCompact isFullHeight>
      <CardTitle component="h2">{title}</CardTitle>
      <CardBody>
        <Link to={to} className="ev-figure">
          {figure}
        </Link>
        <div>{children}</div>
      </CardBody>
    </Card>
  );
}

function NextExpiry({ next }: { next: Totals['next_expiry'] }) {
  if (!next) {
    return (
      <Figure title="Next expiry" to="/sources?sort=expiry" figure="–">
        No credential is known to expire.
      </Figure>
    );
  }
  return (
    <Figure
      title="Next expiry"
      to={`/sources/${next.source_id}/credential`}
      figure={next.days_left < 0 ? 'expired' : plural(next.days_left, 'day')}
    >
      <bdi className="ev-wrap">{next.source_name}</bdi>, {utcText(new Date(next.expires_at)).slice(0, 10)}
    </Figure>
  );
}

function Freshness({ totals }: { totals: Totals }) {
  const healthy = (totals.by_status.healthy ?? 0) + (totals.by_status.syncing ?? 0);
  const others = Object.entries(totals.by_status).filter(
    ([status, count]) => count > 0 && status !== 'healthy' && status !== 'syncing',
  );
  return (
    <Figure title="Freshness" to="/sources" figure={`${countText(healthy)} of ${countText(totals.sources)}`}>
      {others.length === 0 && 'Every source is healthy.'}
      {others.map(([status, count], index) => (
        <span key={status}>
          {index > 0 && ', '}
          <Link to={`/sources?health=${status}`}>
            {countText(count)} {healthWords[status as keyof typeof healthWords].text.toLowerCase()}
          </Link>
        </span>
      ))}
    </Figure>
  );
}

function Gaps({ totals, entries }: { totals: Totals; entries: Entry[] }) {
  const kinds = [...new Set(entries.flatMap((entry) => entry.gaps.map((gap) => gap.kind)))];
  const first = entries.find((entry) => entry.gaps.length > 0);
  const shown = 3;
  return (
    <Figure
      title="Coverage gaps"
      to={first === undefined ? '/sources' : `/sources/${first.id}/coverage`}
      figure={countText(totals.gaps)}
    >
      {kinds.length === 0 && 'Everything that the sources cover is read.'}
      {kinds.slice(0, shown).map(wordsOf).join(', ')}
      {kinds.length > shown && ` and ${plural(kinds.length - shown, 'more kind')}`}
    </Figure>
  );
}

const isProblem = (entry: Entry) => ['failing', 'action_required', 'late'].includes(entry.health.status);

function Problems({ entries }: { entries: Entry[] }) {
  const open = entries.filter(isProblem);
  return (
    <Figure
      title="Open problems"
      to="/sources?health=failing&health=action_required&health=late"
      figure={countText(open.length)}
    >
      {open.length === 0 && 'Nothing waits for you.'}
      {open.slice(0, 2).map((entry) => (
        <div key={entry.id} className="ev-wrap">
          <Link to={`/sources/${entry.id}`}>
            <bdi>{entry.name}</bdi>
          </Link>
          : {entry.health.reason === null ? healthWords[entry.health.status].text : sentenceOf(entry.health.reason)}
        </div>
      ))}
    </Figure>
  );
}

function Row({ entry }: { entry: Entry }) {
  return (
    <Tr>
      <Th dataLabel="Source" className="ev-wrap">
        <Link to={`/sources/${entry.id}`}>
          <bdi>{entry.name}</bdi>
        </Link>
      </Th>
      <Td dataLabel="Status">
        <StatusWord word={healthWords[entry.health.status]} detail={entry.health.reason} />
      </Td>
      <Td dataLabel="Last 60 syncs">
        <SyncStrip syncs={entry.recent_syncs} to={`/sources/${entry.id}/syncs`} />
      </Td>
      <Td dataLabel="Last sync">
        <Time at={entry.last_sync?.finished_at} none="never" />
      </Td>
      <Td dataLabel="Expires">
        <Link to={`/sources/${entry.id}/credential`} className="ev-plain">
          <Expiry
            at={entry.expires_at}
            daysLeft={entry.days_left}
            source={entry.expiry_source}
            refused={entry.state === 'needs_credential'}
          />
        </Link>
      </Td>
      <Td dataLabel="Gaps" className="ev-number">
        <Link to={`/sources/${entry.id}/coverage`}>{countText(entry.gaps.length)}</Link>
      </Td>
      <Td dataLabel="Artifacts" className="ev-number">
        <Link to={`/artifacts?source=${entry.id}`}>{countText(entry.artifacts)}</Link>
      </Td>
    </Tr>
  );
}

function Board({ overview }: { overview: Overview }) {
  const { totals } = overview;
  if (overview.items.length === 0 || totals === null) return <NoSources />;
  return (
    <>
      <PageSection hasBodyWrapper={false} aria-label="Figures">
        <Gallery hasGutter minWidths={{ default: 'min(13rem, 100%)' }}>
          <NextExpiry next={totals.next_expiry} />
          <Freshness totals={totals} />
          <Gaps totals={totals} entries={overview.items} />
          <Problems entries={overview.items} />
        </Gallery>
      </PageSection>
      <PageSection hasBodyWrapper={false} aria-labelledby="by-source">
        <Title headingLevel="h2" id="by-source" size="lg">
          Sources
        </Title>
        <div className="ev-scroll" tabIndex={0} role="region" aria-label="Table of sources">
          <Table variant="compact" aria-labelledby="by-source">
            <Thead>
              <Tr>
                <Th>Source</Th>
                <Th>Status</Th>
                <Th>Last 60 syncs</Th>
                <Th>Last sync</Th>
                <Th>Expires</Th>
                <Th className="ev-number">Gaps</Th>
                <Th className="ev-number">Artifacts</Th>
              </Tr>
            </Thead>
            <Tbody>
              {overview.items.map((entry) => (
                <Row key={entry.id} entry={entry} />
              ))}
            </Tbody>
          </Table>
        </div>
      </PageSection>
    </>
  );
}

export default function OverviewPage() {
  usePage({ title: 'Overview', apiUrl: '/v1/overview', command: 'evidenced status' });
  const query = useQuery(overviewQuery);
  return (
    <>
      <PageHead title="Overview" />
      <PageLoaded query={query}>{(overview) => <Board overview={overview} />}</PageLoaded>
    </>
  );
}
