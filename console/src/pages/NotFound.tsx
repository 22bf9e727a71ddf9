import { EmptyState, EmptyStateBody, PageSection } from '@patternfly/react-core';
import { Link } from 'react-router';

import { usePage } from '../shell/page';

export function NotFound() {
  usePage({ title: 'Not found' });
  return (
    <PageSection>
      <EmptyState titleText="There is no such page" headingLevel="h1">
        <EmptyStateBody>
          The address may have been mistyped. <Link to="/">Go to the overview</Link>
        </EmptyStateBody>
      </EmptyState>
    </PageSection>
  );
}
