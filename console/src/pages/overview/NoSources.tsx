import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter, PageSection } from '@patternfly/react-core';
import { useNavigate } from 'react-router';

import { useMay } from '../../api/session';

/** Nothing is collected yet: what to do first. */
export function NoSources() {
  const navigate = useNavigate();
  const may = useMay('admin', 'operator');
  return (
    <PageSection hasBodyWrapper={false}>
      <EmptyState titleText="No source yet" headingLevel="h2" variant="sm">
        <EmptyStateBody>
          A source is an Atlassian account and the workspaces of Bitbucket Cloud that it sees.{' '}
          {may ? 'Add the first one: it takes a few minutes.' : 'An operator adds the first one.'}
        </EmptyStateBody>
        {may && (
          <EmptyStateFooter>
            <EmptyStateActions>
              <Button onClick={() => void navigate('/sources/new')}>Add source</Button>
            </EmptyStateActions>
          </EmptyStateFooter>
        )}
      </EmptyState>
    </PageSection>
  );
}
