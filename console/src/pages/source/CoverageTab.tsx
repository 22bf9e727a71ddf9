import { Content, SearchInput, Switch, Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { coverageQuery, type KindCoverage, type Source } from '../../api/queries';
import { Copyable, Parted } from '../../common/Copyable';
import { FilteredOut } from '../../common/FilteredOut';
import { countText, plural, sentenceOf, wordsOf } from '../../common/format';
import { Loaded } from '../../common/Loaded';
import { coverageWords } from '../../common/status';
import { StatusWord } from '../../common/StatusWord';
import { Time } from '../../common/Time';
import { useFilters } from '../../common/urlFilters';

const isGap = (kind: KindCoverage) => kind.status !== 'available' && kind.status !== 'out_of_scope';

function Why({ kind }: { kind: KindCoverage }) {
  return (
    <div>
      {kind.missing_scopes.map((scope) => (
        <div key={scope}>
          Add to the token: <Copyable text={scope} />
        </div>
      ))}
      {kind.reasons
        .filter((reason) => !kind.missing_scopes.some((scope) => reason.includes(scope)))
        .map((reason) => (
          <div key={reason} className="ev-wrap">
            {sentenceOf(reason)}
          </div>
        ))}
    </div>
  );
}

function Row({ kind, source }: { kind: KindCoverage; source: Source }) {
  return (
    <Tr>
      <Th dataLabel="Kind">{wordsOf(kind.kind)}</Th>
      <Td dataLabel="Coverage">
        <StatusWord word={coverageWords[kind.status]} />
      </Td>
      <Td dataLabel="Why and what to do">
        {kind.missing_scopes.length + kind.reasons.length > 0 && <Why kind={kind} />}
      </Td>
      <Td dataLabel="Needs">
        <div>
          <code>
            <Parted text={kind.scope} />
          </code>
          {kind.needs_role && <div className="ev-quiet">and an administrator</div>}
        </div>
      </Td>
      <Td dataLabel="Read" className="ev-number" modifier="nowrap">
        {kind.partitions.total > 0 && `${countText(kind.partitions.readable)} of ${countText(kind.partitions.total)}`}
      </Td>
      <Td dataLabel="Artifacts" className="ev-number">
        <Link to={`/artifacts?source=${source.id}&kind=${kind.kind}`}>{countText(kind.count)}</Link>
      </Td>
      <Td dataLabel="Complete as of">
        <Time at={kind.complete_as_of} none="never" />
      </Td>
    </Tr>
  );
}

/** What is read of the source, kind by kind, and what keeps the rest away. */
export function CoverageTab({ source }: { source: Source }) {
  const query = useQuery(coverageQuery(source.id));
  const filters = useFilters();
  const onlyGaps = filters.one('gaps') === 'true';
  const typed = filters.one('kind').toLowerCase();
  return (
    <Loaded query={query}>
      {({ kinds }) => {
        const gaps = kinds.filter(isGap);
        const shown = (onlyGaps ? gaps : kinds).filter((kind) => wordsOf(kind.kind).toLowerCase().includes(typed));
        return (
          <>
            <Toolbar inset={{ default: 'insetNone' }}>
              <ToolbarContent alignItems="center">
                <ToolbarItem>
                  <SearchInput
                    aria-label="Kind"
                    placeholder="Kind"
                    value={filters.one('kind')}
                    onChange={(_event, value) => filters.set('kind', value)}
                    onClear={() => filters.set('kind', null)}
                  />
                </ToolbarItem>
                <ToolbarItem>
                  <Switch
                    label="Gaps only"
                    isChecked={onlyGaps}
                    onChange={(_event, on) => filters.set('gaps', on ? 'true' : null)}
                  />
                </ToolbarItem>
                <ToolbarItem align={{ default: 'alignEnd' }}>
                  <Content component="small">
                    {gaps.length === 0 ? 'Everything is read' : `${plural(gaps.length, 'gap')} of ${plural(kinds.length, 'kind')}`}
                  </Content>
                </ToolbarItem>
              </ToolbarContent>
            </Toolbar>
            {shown.length === 0 ? (
              <FilteredOut what="kind" onClear={filters.clear} />
            ) : (
              <div className="ev-scroll" tabIndex={0} role="region" aria-label="Table of kinds">
                <Table variant="compact" aria-label="Coverage by kind">
                  <Thead>
                    <Tr>
                      <Th>Kind</Th>
                      <Th>Coverage</Th>
                      <Th>Why and what to do</Th>
                      <Th>Needs</Th>
                      <Th className="ev-number">Read</Th>
                      <Th className="ev-number">Artifacts</Th>
                      <Th>Complete as of</Th>
                    </Tr>
                  </Thead>
                  <Tbody>
                    {shown.map((kind) => (
                      <Row key={kind.kind} kind={kind} source={source} />
                    ))}
                  </Tbody>
                </Table>
              </div>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
