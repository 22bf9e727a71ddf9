import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core';

/** There is something, and the filters hide all of it. */
export function FilteredOut({ what, onClear }: { what: string; onClear: () => void }) {
  return (
    <EmptyState titleText={`No ${what} matches the filters`} headingLevel="h2" variant="sm">
      <EmptyStateBody>There are some, but none of them is like this.</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button variant="link" onClick={onClear}>
            Clear all filters
          </Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
