import { Alert, AlertActionLink, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core';
import { Link } from 'react-router';

import { useSession } from '../../api/session';
import { ProblemCard } from '../../common/ProblemCard';
import { ClearFilters } from './Chips';
import type { Column, NameOf } from './columns';
import { chipsOf, type Filter } from './filter';
import { Grid } from './Grid';
import { usePages } from './usePages';

interface Properties {
  filter: Filter;
  parameters: URLSearchParams;
  columns: Column[];
  nameOf: NameOf;
  total: number | undefined;
  /** Feed position of the counts, which are asked for again when something happens. */
  asOf: number | undefined;
  /** Something that the list should have is missing: that is said elsewhere on the page. */
  hasGaps: boolean;
  onReadAnew: () => void;
}

function Nothing({ parameters, hasGaps }: Pick<Properties, 'parameters' | 'hasGaps'>) {
  const { principal } = useSession();
  const limited = principal.window !== null || principal.source_ids !== null;
  if (chipsOf(parameters).length > 0) {
    return (
      <EmptyState titleText="No artifact matches the filters" headingLevel="h2" variant="sm">
        <EmptyStateBody>
          {limited && 'Your key sees a part of the sources, or a window of time: what lies outside is not searched. '}
          {hasGaps && 'Some kinds are missing or not whole: see above.'}
        </EmptyStateBody>
        <EmptyStateFooter>
          <EmptyStateActions>
            <ClearFilters parameters={parameters} />
          </EmptyStateActions>
        </EmptyStateFooter>
      </EmptyState>
    );
  }
  return (
    <EmptyState titleText={limited ? 'Nothing that your key may see' : 'Nothing is collected yet'} headingLevel="h2" variant="sm">
      <EmptyStateBody>
        {limited ? (
          'Your key sees a part of the sources, or a window of time, and nothing was collected there.'
        ) : (
          <>
            Artifacts appear while a first sync runs. See the <Link to="/sources">sources</Link> and{' '}
            <Link to="/syncs">syncs</Link>. What was removed is not shown: <Link to="?removed=only">look at it</Link>.
          </>
        )}
      </EmptyStateBody>
    </EmptyState>
  );
}

/** The rows that a filter finds, as of when they were first asked for. */
export function List({ filter, parameters, columns, nameOf, total, asOf, hasGaps, onReadAnew }: Properties) {
  const pages = usePages(filter);
  const isNewer = asOf !== undefined && pages.asOf !== undefined && asOf > pages.asOf;
  return (
    <>
      {pages.error !== undefined && <ProblemCard error={pages.error} onRetry={() => pages.retry()} />}
      {isNewer && (
        <Alert
          isInline
          isPlain
          variant="info"
          title="Something was collected since this list was read."
          actionLinks={<AlertActionLink onClick={onReadAnew}>Read it anew</AlertActionLink>}
        />
      )}
      {pages.ended && pages.known === 0 && <Nothing parameters={parameters} hasGaps={hasGaps} />}
      {(pages.known > 0 || (!pages.ended && pages.error === undefined)) && (
        <Grid pages={pages} columns={columns} nameOf={nameOf} total={total} />
      )}
    </>
  );
}
