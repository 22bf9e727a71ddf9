import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';

import { problemsQuery } from '../../api/about';
import type { Schemas } from '../../api/client';
import { Filters, TypedFilter } from '../../common/Filters';
import { plural } from '../../common/format';
import { Loaded } from '../../common/Loaded';
import { Nothing } from '../../common/Nothing';
import { useFilters } from '../../common/urlFilters';

type ProblemType = Schemas['ProblemType'];

const matches = (problem: ProblemType, typed: string) =>
  `${problem.code} ${problem.title} ${problem.status} ${problem.remedy.join(' ')}`
    .toLowerCase()
    .includes(typed.toLowerCase());

function Row({ problem }: { problem: ProblemType }) {
  return (
    <Tr>
      <Th dataLabel="Code" className="ev-wrap">
        <a href={`/v1/problems/${problem.code}`}>
          <code>{problem.code}</code>
        </a>
      </Th>
      <Td dataLabel="Title">{problem.title}</Td>
      <Td dataLabel="Status" className="ev-number">
        {problem.status}
      </Td>
      <Td dataLabel="Exit code" className="ev-number">
        {problem.exit_code}
      </Td>
      <Td dataLabel="Try again">{problem.retryable ? 'may help' : 'does not help'}</Td>
      <Td dataLabel="What to do">
        <div>
          {problem.remedy.map((step) => (
            <div key={step}>{step}</div>
          ))}
        </div>
      </Td>
    </Tr>
  );
}

function Catalogue({ problems }: { problems: ProblemType[] }) {
  return (
    <div className="ev-scroll" tabIndex={0} role="region" aria-label="Catalogue of problems">
      <Table variant="compact" aria-label="Problems">
        <Thead>
          <Tr>
            <Th modifier="nowrap">Code</Th>
            <Th modifier="nowrap">Title</Th>
            <Th modifier="nowrap" className="ev-number">
              Status
            </Th>
            <Th modifier="nowrap" className="ev-number">
              Exit code
            </Th>
            <Th modifier="nowrap">Trying again</Th>
            <Th modifier="nowrap">What to do</Th>
          </Tr>
        </Thead>
        <Tbody>
          {problems.map((problem) => (
            <Row key={problem.code} problem={problem} />
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

/** Everything that can go wrong, to be searched. */
export function Problems() {
  const query = useQuery(problemsQuery);
  const filters = useFilters();
  const typed = filters.one('q');
  return (
    <>
      <Filters set={typed !== ''} onClear={filters.clear}>
        <TypedFilter name="Search problems" value={typed} onChange={(q) => filters.set('q', q)} />
      </Filters>
      <Loaded query={query}>
        {({ items }) => {
          const found = items.filter((problem) => matches(problem, typed.trim()));
          if (found.length === 0) return <Nothing title="No such problem" onClear={filters.clear} />;
          return (
            <>
              <p className="ev-quiet">{plural(found.length, 'problem')}</p>
              <Catalogue problems={found} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}
