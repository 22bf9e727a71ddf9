import { Button } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Link } from 'react-router';

import type { Change } from '../../api/reports';
import { StatusWord } from '../../common/StatusWord';
import { Time } from '../../common/Time';
import { accountName, checksText, findingWords } from './findings';

const columns = ['Merged', 'Pull request', 'Author', 'Approved by', 'Merged by', 'Checks', 'Findings'];

/** Links of Bitbucket are shown as such only where they lead to a page. */
const isPage = (url: string | null): url is string => url?.startsWith('https://') === true;

function PullRequest({ change }: { change: Change }) {
  return (
    <div>
      <Link to={`/artifacts/${change.artifact_id}`}>
        #{change.number} <bdi>{change.title}</bdi>
      </Link>
      <div className="ev-quiet">
        <bdi>{change.repository ?? 'repository not known'}</bdi>
        {isPage(change.url) && (
          <>
            {' · '}
            <a href={change.url} target="_blank" rel="noreferrer">
              at Bitbucket
            </a>
          </>
        )}
      </div>
    </div>
  );
}

const Unknown = () => <span className="ev-quiet">not known</span>;

function Name({ of }: { of: Parameters<typeof accountName>[0] }) {
  const name = accountName(of);
  return (
    <bdi className="ev-clamp" title={name}>
      {name}
    </bdi>
  );
}

function Row({ change, onFacts }: { change: Change; onFacts: () => void }) {
  return (
    <Tr>
      <Td dataLabel="Merged" modifier="nowrap">
        <Time at={change.merged_at} />
      </Td>
      <Th dataLabel="Pull request" className="ev-wrap">
        <PullRequest change={change} />
      </Th>
      <Td dataLabel="Author" className="ev-wrap">
        <Name of={change.author} />
      </Td>
      <Td dataLabel="Approved by" className="ev-wrap">
        <div>
          {change.approvals.length === 0 && <span className="ev-quiet">nobody</span>}
          {change.approvals.map((approval, at) => (
            <div key={`${approval.by?.id ?? ''} ${at}`}>
              <Name of={approval.by} />
            </div>
          ))}
        </div>
      </Td>
      <Td dataLabel="Merged by" className="ev-wrap">
        <Name of={change.merged_by} />
      </Td>
      <Td dataLabel="Checks">{checksText(change.checks) ?? <Unknown />}</Td>
      <Td dataLabel="Findings">
        <div className="ev-findings">
          {change.findings.map((finding) => (
            <StatusWord key={finding} word={findingWords[finding]} />
          ))}
          <Button
            variant="link"
            isInline
            size="sm"
            aria-label={`Facts of ${change.repository ?? ''} #${change.number}`}
            onClick={onFacts}
          >
            Facts
          </Button>
        </div>
      </Td>
    </Tr>
  );
}

/** Merged pull requests, and what may be wrong with each. */
export function ChangeTable({ changes, onFacts }: { changes: Change[]; onFacts: (change: Change) => void }) {
  return (
    <div className="ev-scroll" tabIndex={0} role="region" aria-label="List of changes">
      <Table variant="compact" className="ev-changes" aria-label="Merged pull requests, the newest merge first">
        <Thead>
          <Tr>
            {columns.map((column) => (
              <Th key={column} modifier="nowrap">
                {column}
              </Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {changes.map((change) => (
            <Row key={change.artifact_id} change={change} onFacts={() => onFacts(change)} />
          ))}
        </Tbody>
      </Table>
    </div>
  );
}
